import { defineEvent } from 'waybill';
import { moneySchema } from '../money.ts';
import { orderGroup } from '../order-group.ts';
import * as z from '../zod.ts';

const subject = (data: { readonly orderId: string }): string => data.orderId;

export const PaymentCaptured = defineEvent({
  type: 'com.example.payment.captured',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), paymentId: z.string(), amount: moneySchema }),
  group: orderGroup,
  subject,
});

/** The gateway refused the charge for good; no money moved. */
export const PaymentFailed = defineEvent({
  type: 'com.example.payment.failed',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), amount: moneySchema, reason: z.string() }),
  group: orderGroup,
  subject,
});

/**
 * The whole captured amount is refunded. As the answer to a command also where nothing had been: `amount` is 0 then,
 * and `paymentId` is `none`.
 */
export const PaymentRefunded = defineEvent({
  type: 'com.example.payment.refunded',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), paymentId: z.string(), amount: moneySchema }),
  group: orderGroup,
  subject,
});

/** A person has to decide whether the order may be paid; until then nothing is charged. */
export const PaymentHeld = defineEvent({
  type: 'com.example.payment.held',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), amount: moneySchema }),
  group: orderGroup,
  subject,
});

/** A person has decided about a payment that was held; who it was stands in the audit trail alone. */
export const PaymentReviewed = defineEvent({
  type: 'com.example.payment.reviewed',
  source: '/payments',
  version: 1,
  schema: z.object({ orderId: z.string(), decision: z.enum(['release', 'refuse']) }),
  group: orderGroup,
  subject,
});
