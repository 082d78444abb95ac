import { defineProjection } from 'waybill';
import { InventoryInsufficient, InventoryReserved } from '../inventory/events.ts';
import type { CancellationReason } from '../orders/cancellation-reason.ts';
import { OrderCancellationRequested, OrderCancelled, OrderPlaced } from '../orders/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld } from '../payments/events.ts';
import { ShipmentCancelled, ShipmentCreated } from '../shipping/events.ts';
import { moveOn, type OrderSummary, orderSummarySchema } from './order-summary.ts';
import { ORDER_OVERVIEW_VIEW } from './table.ts';

/** An order whose placing the log no longer holds stays unknown. */
type Known = OrderSummary | undefined;

/** The first reason that is heard of stands. */
const cancelling = (order: Known, reason: CancellationReason): Known =>
  order && moveOn(order, 'cancelling', { cancellationReason: reason });

/** An order that is shipped all the same has no reason any more. */
function ship(order: OrderSummary, shippedAt: string): OrderSummary {
  const moved = moveOn(order, 'shipped', { shippedAt });
  if (moved.status !== 'shipped') return moved;
  const { cancellationReason: _, ...shipped } = moved;
  return shipped;
}

/** Every order at a glance: where it stands, and since when. */
export const orderOverview = defineProjection({
  name: 'order-overview',
  events: [
    OrderPlaced,
    OrderCancellationRequested,
    OrderCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentHeld,
    InventoryReserved,
    InventoryInsufficient,
    ShipmentCreated,
    ShipmentCancelled,
  ],
  view: ORDER_OVERVIEW_VIEW,
  parse: (item) => orderSummarySchema.parse(item),
  keys: ({ data }) => [{ orderId: data.orderId }],
  on: {
    'com.example.order.placed': (order, { data, time }) =>
      order ?? {
        orderId: data.orderId,
        customerId: data.customerId,
        status: 'placed',
        total: data.total,
        placedAt: time,
      },
    'com.example.payment.captured': (order, { time }) => order && { ...moveOn(order, 'paid'), paidAt: time },
    'com.example.inventory.reserved': (order, { time }) => order && { ...moveOn(order, 'reserved'), reservedAt: time },
    'com.example.shipment.created': (order, { time }) => order && ship(order, time),
    'com.example.payment.held': (order) => order && moveOn(order, 'in-review'),
    'com.example.payment.failed': (order) => cancelling(order, 'payment'),
    'com.example.inventory.insufficient': (order) => cancelling(order, 'stock'),
    'com.example.order.cancellation-requested': (order) => cancelling(order, 'customer'),
    'com.example.shipment.cancelled': (order, { data }) => cancelling(order, data.reason),
    'com.example.order.cancelled': (order, { data, time }) =>
      order && moveOn(order, 'cancelled', { cancellationReason: data.reason, cancelledAt: time }),
  },
});
