import * as z from 'zod';
import { defineEvent } from '../../../lib/contracts/index.ts';
import { moneySchema } from '../money.ts';
import { ORDER_ID_PATTERN, orderGroup } from '../order-group.ts';

export const orderLineSchema = z.object({ sku: z.string().min(1), quantity: z.int().positive() });

export const OrderPlaced = defineEvent({
  type: 'com.example.order.placed',
  source: '/orders',
  version: 1,
  schema: z.object({
    orderId: z.string().regex(ORDER_ID_PATTERN),
    customerId: z.string().min(1),
    lines: z.array(orderLineSchema).min(1),
    total: moneySchema,
  }),
  group: orderGroup,
  subject: (data) => data.orderId,
});
