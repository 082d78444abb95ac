import * as z from 'zod';
import { orderLineSchema } from '../orders/events.ts';

/** A shipment as its table holds it. */
export const shipmentSchema = z.object({
  orderId: z.string(),
  shipmentId: z.string(),
  lines: z.array(orderLineSchema),
});

export type Shipment = z.infer<typeof shipmentSchema>;
