import { handlersFor } from 'waybill/consumer';
import { orchestratedOrders } from './orchestrated-subscription.ts';
import { createOrderStatus, type OrdersDeps } from './order-status.ts';

export function createOrchestratedOrdersHandlers(deps: OrdersDeps) {
  const orderStatus = createOrderStatus(deps);

  return handlersFor(orchestratedOrders, {
    'com.example.account.deleted': ({ data }) => deps.addresses.customerGone(data.accountId),
    'com.example.payment.captured': ({ data }, context) => orderStatus.advance(data.orderId, 'paid', context),
    'com.example.payment.held': ({ data }, context) => orderStatus.advance(data.orderId, 'in-review', context),
    'com.example.payment.failed': ({ data }, context) => orderStatus.startCancelling(data.orderId, 'payment', context),
    'com.example.inventory.reserved': ({ data }, context) => orderStatus.advance(data.orderId, 'reserved', context),
    'com.example.inventory.insufficient': ({ data }, context) =>
      orderStatus.startCancelling(data.orderId, 'stock', context),
    'com.example.shipment.created': ({ data }, context) => orderStatus.advance(data.orderId, 'shipped', context),
    'com.example.shipment.cancelled': ({ data }, context) =>
      orderStatus.startCancelling(data.orderId, data.reason, context),
    'com.example.order.fulfilled': ({ data }, context) => orderStatus.advance(data.orderId, 'shipped', context),
    'com.example.order.fulfilment-failed': ({ data }, context) =>
      orderStatus.cancel(data.orderId, data.reason, context),
  });
}
