import { moneySchema } from '../money.ts';
import { shownMethodSchema } from '../payments/payment-method.ts';
import * as z from '../zod.ts';
import { CANCELLATION_REASONS } from './cancellation-reason.ts';
import { orderLineSchema } from './events.ts';

const ORDER_STATUSES = ['placed', 'in-review', 'paid', 'reserved', 'cancelling', 'shipped', 'cancelled'] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** An order as its table holds it. */
export const orderSchema = z.object({
  orderId: z.string(),
  customerId: z.string(),
  lines: z.array(orderLineSchema),
  total: moneySchema,
  paymentMethod: z.optional(shownMethodSchema),
  status: z.enum(ORDER_STATUSES),
  /** Of an order that is `cancelling` or `cancelled`. */
  cancellationReason: z.optional(z.enum(CANCELLATION_REASONS)),
  placedAt: z.string(),
});

export type Order = z.infer<typeof orderSchema>;

/** Where the shop's API shows an order. */
export const orderPath = (orderId: string): string => `/orders/${orderId}`;

/** An order only moves on: it ends `shipped`, even while it is `cancelling`, or `cancelled`. */
const PROGRESS: Readonly<Record<OrderStatus, number>> = {
  placed: 0,
  'in-review': 1,
  paid: 2,
  reserved: 3,
  cancelling: 4,
  shipped: 5,
  cancelled: 5,
};

/** Whether `status` lies ahead of the order's: an update that comes late, or twice, changes nothing. */
export const isAhead = (order: Pick<Order, 'status'>, status: OrderStatus): boolean =>
  PROGRESS[status] > PROGRESS[order.status];
