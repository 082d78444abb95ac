import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

/** A shipment as its table holds it; one that is cancelled bars its order from being shipped, for ever. */
export const shipmentSchema = z.discriminatedUnion('status', [
  z.object({
    orderId: z.string(),
    status: z.literal('booked'),
    shipmentId: z.string(),
    trackingNumber: z.string(),
    lines: z.array(orderLineSchema),
  }),
  z.object({ orderId: z.string(), status: z.literal('cancelled'), reason: z.enum(['customer', 'carrier']) }),
]);

export type Shipment = z.infer<typeof shipmentSchema>;
