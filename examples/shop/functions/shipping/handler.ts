import { handlersFor } from 'waybill/consumer';
import { createDispatch, type ShippingDeps } from './dispatch.ts';
import { shipping } from './subscription.ts';
import { createTracking } from './tracking.ts';

export function createShippingHandlers(deps: ShippingDeps) {
  const dispatch = createDispatch(deps);
  const tracking = createTracking(deps);

  return handlersFor(shipping, {
    'com.example.inventory.reserved': ({ data: { orderId, lines }, tenantid }, context) =>
      dispatch.ship({ orderId, lines, account: tenantid }, context),
    'com.example.order.cancellation-requested': ({ data: { orderId }, tenantid }, context) =>
      dispatch.bar({ orderId, account: tenantid }, context),
    'com.example.parcel.moved': ({ data }, context) => tracking.follow(data, context),
  });
}
