import { WaybillError } from 'waybill';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { OrderCancellationRequested } from '../orders/events.ts';
import type { Order } from '../orders/order.ts';
import { moveOrder } from '../orders/order-status.ts';

/**
 * `requested`: the order is on its way to be cancelled, and may still turn out to be shipped already. `too-late`: it is
 * shipped.
 */
export type Cancellation = 'requested' | 'already-cancelled' | 'too-late';

/** Nobody has placed the order. */
export class OrderNotFoundError extends WaybillError {
  readonly code = 'CANCEL_ORDER_NOT_FOUND';

  constructor(orderId: string) {
    super(`order '${orderId}' cannot be cancelled: there is no such order`);
  }
}

/**
 * Collects the order's status and the event. Asking twice does what asking once does. If the order moves on meanwhile, the
 * commit fails with `OUTBOX_CONDITION_FAILED`: run it again with the order as it is then.
 */
export function requestCancellation(tx: UnitOfWork, order: Order, orders: TenantTable<Order>): Cancellation {
  if (order.status === 'shipped') return 'too-late';
  if (order.status === 'cancelled') return 'already-cancelled';
  if (order.status === 'cancelling') return 'requested';
  moveOrder(orders, tx, order, 'cancelling', 'customer');
  tx.publish(OrderCancellationRequested, { orderId: order.orderId });
  return 'requested';
}
