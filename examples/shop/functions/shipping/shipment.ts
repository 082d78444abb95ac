import { TRACKING_STATUSES } from '../carrier-tracking/tracking-status.ts';
import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

const moveSchema = z.object({ deliveryId: z.string(), status: z.enum(TRACKING_STATUSES), at: z.string() });

/** A shipment as its table holds it; one that is cancelled bars its order from being shipped, for ever. */
export const shipmentSchema = z.discriminatedUnion('status', [
  z.object({
    orderId: z.string(),
    status: z.literal('booked'),
    shipmentId: z.string(),
    trackingNumber: z.string(),
    lines: z.array(orderLineSchema),
    /** Where the parcel was seen last on its way; undefined until the carrier tells. */
    tracking: z.optional(z.pick(moveSchema, { status: true, at: true })),
    /** What the carrier told, in the order in which it came. */
    moves: z.optional(z.array(moveSchema)),
    /** Changes with each move. */
    moved: z.optional(z.int()),
  }),
  z.object({ orderId: z.string(), status: z.literal('cancelled'), reason: z.enum(['customer', 'carrier']) }),
]);

export type Shipment = z.infer<typeof shipmentSchema>;
