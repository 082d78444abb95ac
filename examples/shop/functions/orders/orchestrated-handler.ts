import { handlersFor } from '../../../../lib/consumer/index.ts';
import { orchestratedOrders } from './orchestrated-subscription.ts';
import { createOrderNews, type OrdersDeps } from './order-news.ts';

export function createOrchestratedOrdersHandlers(deps: OrdersDeps) {
  const news = createOrderNews(deps);

  return handlersFor(orchestratedOrders, {
    'com.example.payment.captured': ({ data }, context) => news.advance(data.orderId, 'paid', context),
    'com.example.payment.failed': ({ data }, context) => news.startCancelling(data.orderId, 'payment', context),
    'com.example.inventory.reserved': ({ data }, context) => news.advance(data.orderId, 'reserved', context),
    'com.example.inventory.insufficient': ({ data }, context) => news.startCancelling(data.orderId, 'stock', context),
    'com.example.shipment.created': ({ data }, context) => news.advance(data.orderId, 'shipped', context),
    'com.example.shipment.cancelled': ({ data }, context) => news.startCancelling(data.orderId, data.reason, context),
    'com.example.order.fulfilled': ({ data }, context) => news.advance(data.orderId, 'shipped', context),
    'com.example.order.fulfilment-failed': ({ data }, context) => news.cancel(data.orderId, data.reason, context),
  });
}
