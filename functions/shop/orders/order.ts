import * as z from 'zod';
import { moneySchema } from '../money.ts';
import { orderLineSchema } from './events.ts';

/** On its way an order only moves ahead. */
const ORDER_STATUSES = ['placed', 'paid', 'reserved', 'shipped'] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** An order as its table holds it. */
export const orderSchema = z.object({
  orderId: z.string(),
  customerId: z.string(),
  lines: z.array(orderLineSchema),
  total: moneySchema,
  status: z.enum(ORDER_STATUSES),
  placedAt: z.string(),
});

export type Order = z.infer<typeof orderSchema>;

/** Whether `status` lies ahead of the order's: news that comes late, or twice, changes nothing. */
export const isAhead = (order: Pick<Order, 'status'>, status: OrderStatus): boolean =>
  ORDER_STATUSES.indexOf(status) > ORDER_STATUSES.indexOf(order.status);
