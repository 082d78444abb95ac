import { handlersFor } from 'waybill/consumer';
import { createDispatch, type ShippingDeps } from './dispatch.ts';
import { orchestratedShipping } from './orchestrated-subscription.ts';

export function createOrchestratedShippingHandlers(deps: ShippingDeps) {
  const dispatch = createDispatch(deps);

  return handlersFor(orchestratedShipping, {
    'com.example.shipment.requested': ({ data }, context) => dispatch.ship(data.orderId, data.lines, context),
  });
}
