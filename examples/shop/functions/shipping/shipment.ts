import { TRACKING_STATUSES } from '../carrier-tracking/tracking-status.ts';
import { moneySchema } from '../money.ts';
import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

const moveSchema = z.object({ deliveryId: z.string(), status: z.enum(TRACKING_STATUSES), at: z.string() });

const rateSchema = z.object({ service: z.string(), amount: moneySchema, days: z.int() });

/** Written before its carrier is asked to book: from then on there may be a parcel at that carrier, and at no other. */
const bookingSchema = z.object({
  orderId: z.string(),
  status: z.literal('booking'),
  carrier: z.string(),
  rate: rateSchema,
  lines: z.array(orderLineSchema),
  /** Of the booking: whoever repeats it uses this one. */
  idempotencyKey: z.string(),
  /** Carriers that have refused the parcel for good. */
  refusedBy: z.array(z.string()),
});

/** A shipment as its table holds it; one that is cancelled bars its order from being shipped, for ever. */
export const shipmentSchema = z.discriminatedUnion('status', [
  bookingSchema,
  z.object({
    orderId: z.string(),
    status: z.literal('booked'),
    shipmentId: z.string(),
    trackingNumber: z.string(),
    /** Whose parcel it is, and for what; of bookings that were made with a choice. */
    carrier: z.optional(z.string()),
    rate: z.optional(rateSchema),
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

/** A shipment whose carrier may have been asked. */
export type Booking = z.infer<typeof bookingSchema>;
