import { moneySchema } from '../money.ts';
import { CANCELLATION_REASONS } from '../orders/cancellation-reason.ts';
import * as z from '../zod.ts';

export const SUMMARY_STATUSES = [
  'placed',
  'in-review',
  'paid',
  'reserved',
  'cancelling',
  'shipped',
  'cancelled',
] as const;

export type SummaryStatus = (typeof SUMMARY_STATUSES)[number];

/** An order at a glance. Instants are RFC 3339. */
export const orderSummarySchema = z.object({
  orderId: z.string(),
  customerId: z.string(),
  status: z.enum(SUMMARY_STATUSES),
  total: moneySchema,
  placedAt: z.string(),
  paidAt: z.optional(z.string()),
  reservedAt: z.optional(z.string()),
  shippedAt: z.optional(z.string()),
  cancelledAt: z.optional(z.string()),
  /** Of an order that is `cancelling` or `cancelled`. */
  cancellationReason: z.optional(z.enum(CANCELLATION_REASONS)),
});

export type OrderSummary = z.infer<typeof orderSummarySchema>;

/** An order only moves on; it ends `shipped`, even while it is `cancelling`, or `cancelled`. */
const PROGRESS: Readonly<Record<SummaryStatus, number>> = {
  placed: 0,
  'in-review': 1,
  paid: 2,
  reserved: 3,
  cancelling: 4,
  shipped: 5,
  cancelled: 5,
};

/** Where `status` lies ahead of the order's, the order with it; else the order as it is. */
export function moveOn(order: OrderSummary, status: SummaryStatus, change: Partial<OrderSummary> = {}): OrderSummary {
  return PROGRESS[status] > PROGRESS[order.status] ? { ...order, ...change, status } : order;
}
