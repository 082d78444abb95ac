import { handlersFor } from 'waybill/consumer';
import { createOrderStatus, type OrdersDeps } from './order-status.ts';
import { orders } from './subscription.ts';

export function createOrdersHandlers(deps: OrdersDeps) {
  const orderStatus = createOrderStatus(deps);

  return handlersFor(orders, {
    'com.example.account.deleted': ({ data }) => deps.addresses.customerGone(data.accountId),
    'com.example.payment.captured': ({ data }, context) => orderStatus.advance(data.orderId, 'paid', context),
    'com.example.payment.held': ({ data }, context) => orderStatus.advance(data.orderId, 'in-review', context),
    'com.example.payment.failed': ({ data }, context) => orderStatus.cancel(data.orderId, 'payment', context),
    'com.example.inventory.reserved': ({ data }, context) => orderStatus.advance(data.orderId, 'reserved', context),
    'com.example.inventory.insufficient': ({ data }, context) =>
      orderStatus.startCancelling(data.orderId, 'stock', context),
    'com.example.shipment.created': ({ data }, context) => orderStatus.advance(data.orderId, 'shipped', context),
    'com.example.shipment.cancelled': ({ data }, context) =>
      orderStatus.startCancelling(data.orderId, data.reason, context),
    // the last step of undoing; whoever began it has told why
    'com.example.payment.refunded': ({ data }, context) => orderStatus.cancel(data.orderId, undefined, context),
  });
}
