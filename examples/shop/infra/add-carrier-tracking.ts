import type { Construct } from 'constructs';
import { WebhookEndpoint } from 'waybill/cdk';
import { carrierTracking, carrierTrackingOfTenants } from '../functions/carrier-tracking/webhook.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** A carrier tells of many parcels at once when a van has been loaded. */
const THROTTLE = { rateLimit: 500, burstLimit: 1_000 } as const;

/** Where carriers tell of parcels on their way. */
export function addCarrierTracking(scope: Construct, { hub }: ShopProps): void {
  const hasTenants = hub.settings.tenancy === 'required';
  new WebhookEndpoint(scope, 'CarrierTracking', {
    hub,
    webhook: hasTenants ? carrierTrackingOfTenants : carrierTracking,
    entry: `examples/shop/functions/carrier-tracking/${hasTenants ? 'of-tenants' : 'index'}.ts`,
    throttle: THROTTLE,
    eventStreams: SHOP_FUNCTION.eventStreams,
  });
}
