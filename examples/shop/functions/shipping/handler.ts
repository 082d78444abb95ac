import { handlersFor } from 'waybill/consumer';
import { createDispatch, type ShippingDeps } from './dispatch.ts';
import { shipping } from './subscription.ts';

export function createShippingHandlers(deps: ShippingDeps) {
  const dispatch = createDispatch(deps);

  return handlersFor(shipping, {
    'com.example.inventory.reserved': ({ data }, context) => dispatch.ship(data.orderId, data.lines, context),
    'com.example.order.cancellation-requested': ({ data }, context) => dispatch.bar(data.orderId, context),
  });
}
