import { handlersFor } from '../../../../lib/consumer/index.ts';
import { createOrderNews, type OrdersDeps } from './order-news.ts';
import { orders } from './subscription.ts';

export function createOrdersHandlers(deps: OrdersDeps) {
  const news = createOrderNews(deps);

  return handlersFor(orders, {
    'com.example.payment.captured': ({ data }, context) => news.advance(data.orderId, 'paid', context),
    'com.example.payment.failed': ({ data }, context) => news.cancel(data.orderId, 'payment', context),
    'com.example.inventory.reserved': ({ data }, context) => news.advance(data.orderId, 'reserved', context),
    'com.example.inventory.insufficient': ({ data }, context) => news.startCancelling(data.orderId, 'stock', context),
    'com.example.shipment.created': ({ data }, context) => news.advance(data.orderId, 'shipped', context),
    'com.example.shipment.cancelled': ({ data }, context) => news.startCancelling(data.orderId, data.reason, context),
    // the last step of undoing; whoever began it has told why
    'com.example.payment.refunded': ({ data }, context) => news.cancel(data.orderId, undefined, context),
  });
}
