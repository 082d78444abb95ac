import { defineProjection } from 'waybill';
import { OrderPlaced } from '../orders/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentRefunded } from '../payments/events.ts';
import { ShipmentCancelled, ShipmentCreated, ShipmentDelivered, ShipmentTracked } from '../shipping/events.ts';
import { type OrderTracking, orderTrackingSchema } from './order-tracking.ts';
import { ORDER_TRACKING_VIEW } from './table.ts';

/** Shipping tells of stations in the order of the way only. */
const seen = (
  order: OrderTracking | undefined,
  parcel: NonNullable<OrderTracking['shipment']>['parcel'],
): OrderTracking | undefined =>
  order?.shipment === undefined ? order : { ...order, shipment: { ...order.shipment, parcel } };

/** Payment and shipment of every order, as its customer may see them. */
export const orderTracking = defineProjection({
  name: 'order-tracking',
  events: [
    OrderPlaced,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    ShipmentCreated,
    ShipmentCancelled,
    ShipmentTracked,
    ShipmentDelivered,
  ],
  view: ORDER_TRACKING_VIEW,
  parse: (item) => orderTrackingSchema.parse(item),
  keys: ({ data }) => [{ orderId: data.orderId }],
  on: {
    'com.example.order.placed': (order, { data: { orderId, customerId, lines } }) =>
      order ?? { orderId, customerId, lines },
    'com.example.payment.captured': (order, { data: { amount }, time }) =>
      order && { ...order, payment: { status: 'captured', amount, changedAt: time } },
    'com.example.payment.failed': (order, { data: { amount, reason }, time }) =>
      order && { ...order, payment: { status: 'declined', amount, reason, changedAt: time } },
    // also tells that nothing had been captured
    'com.example.payment.refunded': (order, { data: { amount }, time }) =>
      order?.payment?.status === 'captured'
        ? { ...order, payment: { status: 'refunded', amount, changedAt: time } }
        : order,
    'com.example.shipment.created': (order, { data: { shipmentId, carrier }, time }) =>
      order && {
        ...order,
        shipment: { status: 'booked', shipmentId, ...(carrier === undefined ? {} : { carrier }), changedAt: time },
      },
    'com.example.shipment.cancelled': (order, { data: { reason }, time }) =>
      order && { ...order, shipment: { status: 'cancelled', reason, changedAt: time } },
    'com.example.shipment.tracked': (order, { data: { status, at } }) => seen(order, { status, at }),
    'com.example.shipment.delivered': (order, { data: { at } }) => seen(order, { status: 'delivered', at }),
  },
});
