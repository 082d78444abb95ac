import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

/**
 * `wanted`: not paid yet; `reserved`: the stock is the order's; `insufficient`: there was too little; `released`: it was
 * the order's and went back; `closed`: it never was, and never will be.
 */
const RESERVATION_STATUSES = ['wanted', 'reserved', 'insufficient', 'released', 'closed'] as const;

/** A reservation as its table holds it: one per order. */
export const reservationSchema = z.object({
  orderId: z.string(),
  /** Empty where the reservation was closed before anybody said what the order wants. */
  lines: z.array(orderLineSchema),
  status: z.enum(RESERVATION_STATUSES),
});

export type Reservation = z.infer<typeof reservationSchema>;
