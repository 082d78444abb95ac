import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

const capturedSchema = z.object({
  orderId: z.string(),
  status: z.literal('captured'),
  paymentId: z.string(),
  amount: moneySchema,
});

/** A payment as its table holds it. */
export const paymentSchema = z.discriminatedUnion('status', [
  capturedSchema,
  z.object({ orderId: z.string(), status: z.literal('failed'), amount: moneySchema, reason: z.string() }),
  z.extend(capturedSchema, { status: z.literal('refunded'), refundId: z.string() }),
  /** Nothing was captured, and never will be. Without `amount`: nobody has asked for it yet. */
  z.object({ orderId: z.string(), status: z.literal('closed'), amount: z.optional(moneySchema) }),
]);

export type Payment = z.infer<typeof paymentSchema>;

export type CapturedPayment = z.infer<typeof capturedSchema>;
