import type { HandlerContext } from 'waybill/consumer';
import type { Operations } from 'waybill/http';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { UnknownOrderError } from '../unknown-order-error.ts';
import type { CancellationReason } from './cancellation-reason.ts';
import { ReasonUnknownError } from './errors.ts';
import { OrderCancelled } from './events.ts';
import type { KeptAddresses } from './kept-addresses.ts';
import { isAhead, type Order, type OrderStatus, orderPath } from './order.ts';

export interface OrdersDeps {
  readonly orders: TenantTable<Order>;
  /** Placements that were answered before their order was shipped or cancelled. */
  readonly operations: Pick<Operations, 'succeed' | 'fail'>;
  readonly addresses: Pick<KeptAddresses, 'orderEnded' | 'customerGone'>;
}

type Context = Pick<HandlerContext, 'tx' | 'log'>;

/** What the orders service does when it hears of an order; an update that comes late, or twice, does nothing. */
export interface OrderStatusUpdates {
  advance(orderId: string, status: 'in-review' | 'paid' | 'reserved' | 'shipped', context: Context): Promise<void>;
  /** Something went wrong, or the customer changed their mind; what was done is not undone yet. */
  startCancelling(orderId: string, reason: CancellationReason, context: Context): Promise<void>;
  /**
   * Everything is undone. Where the order is `cancelling`, its own reason stands: it was heard of first.
   * @throws ReasonUnknownError `SHOP_REASON_UNKNOWN` where nobody has ever said why
   */
  cancel(orderId: string, reason: CancellationReason | undefined, context: Context): Promise<void>;
}

export function createOrderStatus({ orders, operations, addresses }: OrdersDeps): OrderStatusUpdates {
  const find = async (orderId: string): Promise<Order> => {
    const order = await orders.get({ orderId });
    if (order === undefined) throw new UnknownOrderError('orders', orderId);
    return order;
  };

  return {
    async advance(orderId, status, { tx, log }) {
      const order = await find(orderId);
      if (!isAhead(order, status)) return;
      moveOrder(orders, tx, order, status);
      if (status === 'shipped') {
        await operations.succeed(tx, orderId, orderPath(orderId));
        await addresses.orderEnded(tx, order);
      }
      log.info(`order ${status}`, { order_id: orderId });
    },

    async startCancelling(orderId, reason, { tx, log }) {
      const order = await find(orderId);
      if (!isAhead(order, 'cancelling')) return;
      moveOrder(orders, tx, order, 'cancelling', reason);
      log.info('order is to be cancelled', { order_id: orderId, reason });
    },

    async cancel(orderId, heardReason, { tx, log }) {
      const order = await find(orderId);
      if (!isAhead(order, 'cancelled')) return;
      const reason = order.cancellationReason ?? heardReason;
      if (reason === undefined) throw new ReasonUnknownError(orderId);
      moveOrder(orders, tx, order, 'cancelled', reason);
      tx.publish(OrderCancelled, { orderId, customerId: order.customerId, reason });
      await operations.fail(tx, orderId, PROBLEM_OF[reason]);
      await addresses.orderEnded(tx, order);
      log.info('order cancelled', { order_id: orderId, reason });
    },
  };
}

/** Why an order that was accepted is not shipped, for who asks for its operation. */
const PROBLEM_OF: Readonly<Record<CancellationReason, { readonly code: string; readonly title: string }>> = {
  payment: { code: 'ORDER_PAYMENT_DECLINED', title: 'The payment was declined' },
  stock: { code: 'ORDER_STOCK_INSUFFICIENT', title: 'Not everything that was ordered is in stock' },
  customer: { code: 'ORDER_CANCELLED_BY_CUSTOMER', title: 'The customer has cancelled the order' },
  carrier: { code: 'ORDER_NOT_CARRIED', title: 'The carrier does not take the parcel' },
  timeout: { code: 'ORDER_TIMED_OUT', title: 'The order could not be fulfilled in time' },
};

/** Moves the order, on condition that it still stands where it was read. An order that goes on has no reason any more. */
export function moveOrder(
  orders: TenantTable<Order>,
  tx: UnitOfWork,
  { orderId, status: before }: Pick<Order, 'orderId' | 'status'>,
  status: OrderStatus,
  reason?: CancellationReason,
): void {
  orders.within(tx).update({
    Key: { orderId },
    UpdateExpression:
      reason === undefined
        ? 'SET #status = :status REMOVE cancellationReason'
        : 'SET #status = :status, cancellationReason = :reason',
    ConditionExpression: '#status = :before',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':status': status,
      ':before': before,
      ...(reason === undefined ? {} : { ':reason': reason }),
    },
  });
}
