import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';
import { paymentMethodSchema } from './payment-method.ts';

const capturedSchema = z.object({
  orderId: z.string(),
  status: z.literal('captured'),
  paymentId: z.string(),
  amount: moneySchema,
});

const heldSchema = z.object({
  orderId: z.string(),
  /** `held`: a person has to decide. `released`, `refused`: one has, and it is not done yet. */
  status: z.enum(['held', 'released', 'refused']),
  amount: moneySchema,
  paymentMethod: z.optional(paymentMethodSchema),
  /** Of the fraud check. */
  checkId: z.string(),
});

/** A payment as its table holds it. */
export const paymentSchema = z.discriminatedUnion('status', [
  heldSchema,
  capturedSchema,
  z.object({ orderId: z.string(), status: z.literal('failed'), amount: moneySchema, reason: z.string() }),
  z.extend(capturedSchema, { status: z.literal('refunded'), refundId: z.string() }),
  /** Nothing was captured, and never will be. Without `amount`: nobody has asked for it yet. */
  z.object({ orderId: z.string(), status: z.literal('closed'), amount: z.optional(moneySchema) }),
]);

export type Payment = z.infer<typeof paymentSchema>;

export type CapturedPayment = z.infer<typeof capturedSchema>;

export type HeldPayment = z.infer<typeof heldSchema>;

/** Whether a person decides or has decided over it, and nothing was charged. */
export const isUnderReview = (payment: Payment | undefined): payment is HeldPayment =>
  payment?.status === 'held' || payment?.status === 'released' || payment?.status === 'refused';
