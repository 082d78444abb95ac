import { defineEvent } from 'waybill';
import { moneySchema } from '../money.ts';
import { ORDER_ID_PATTERN, orderGroup } from '../order-group.ts';
import { paymentMethodSchema } from '../payments/payment-method.ts';
import * as z from '../zod.ts';
import { CANCELLATION_REASONS } from './cancellation-reason.ts';

export const orderLineSchema = z.object({
  sku: z.string().check(z.minLength(1)),
  quantity: z.int().check(z.positive()),
});

export type OrderLine = z.infer<typeof orderLineSchema>;

const subject = (data: { readonly orderId: string }): string => data.orderId;

export const OrderPlaced = defineEvent({
  type: 'com.example.order.placed',
  source: '/orders',
  version: 1,
  schema: z.object({
    orderId: z.string().check(z.regex(ORDER_ID_PATTERN)),
    customerId: z.string().check(z.minLength(1)),
    lines: z.array(orderLineSchema).check(z.minLength(1)),
    total: moneySchema,
    /** Of orders that were placed with one. */
    paymentMethod: z.optional(paymentMethodSchema),
    /** The country of the shipping address. The address itself is in no event: shipping asks orders for it. */
    destination: z.optional(z.string()),
  }),
  group: orderGroup,
  subject,
});

/** The customer no longer wants the order; whether that comes in time is shipping's to say. */
export const OrderCancellationRequested = defineEvent({
  type: 'com.example.order.cancellation-requested',
  source: '/orders',
  version: 1,
  schema: z.object({ orderId: z.string() }),
  group: orderGroup,
  subject,
});

/** Everything that was done for the order is undone. */
export const OrderCancelled = defineEvent({
  type: 'com.example.order.cancelled',
  source: '/orders',
  version: 1,
  schema: z.object({ orderId: z.string(), customerId: z.string(), reason: z.enum(CANCELLATION_REASONS) }),
  group: orderGroup,
  subject,
});
