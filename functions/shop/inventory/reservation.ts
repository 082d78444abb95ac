import * as z from 'zod';
import { orderLineSchema } from '../orders/events.ts';

/** A reservation as its table holds it: wanted from the placed order on, reserved once it is paid. */
export const reservationSchema = z.object({
  orderId: z.string(),
  lines: z.array(orderLineSchema),
  status: z.enum(['wanted', 'reserved']),
});

export type Reservation = z.infer<typeof reservationSchema>;
