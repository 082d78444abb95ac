import { handlersFor } from 'waybill/consumer';
import { createDispatch, type ShippingDeps } from './dispatch.ts';
import { orchestratedShipping } from './orchestrated-subscription.ts';
import { createTracking } from './tracking.ts';

export function createOrchestratedShippingHandlers(deps: ShippingDeps) {
  const dispatch = createDispatch(deps);
  const tracking = createTracking(deps);

  return handlersFor(orchestratedShipping, {
    'com.example.shipment.requested': ({ data: { orderId, lines }, tenantid }, context) =>
      dispatch.ship({ orderId, lines, account: tenantid }, context),
    'com.example.parcel.moved': ({ data }, context) => tracking.follow(data, context),
  });
}
