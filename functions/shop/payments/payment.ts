import * as z from 'zod';
import { moneySchema } from '../money.ts';

/** A payment as its table holds it. */
export const paymentSchema = z.object({
  orderId: z.string(),
  paymentId: z.string(),
  amount: moneySchema,
  status: z.literal('captured'),
});

export type Payment = z.infer<typeof paymentSchema>;
