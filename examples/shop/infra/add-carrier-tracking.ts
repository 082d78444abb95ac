import type { Construct } from 'constructs';
import { WebhookEndpoint, type WebhookEndpointProps } from 'waybill/cdk';
import { carrierTracking, carrierTrackingOfTenants } from '../functions/carrier-tracking/webhook.ts';
import { syncedCarrierTracking, syncedCarrierTrackingOfTenants } from '../functions/synced-tracking/webhook.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** A carrier tells of many parcels at once when a van has been loaded. */
const THROTTLE = { rateLimit: 500, burstLimit: 1_000 } as const;

const FOLDER = 'examples/shop/functions';

/** Where carriers tell of parcels on their way. */
export function addCarrierTracking(scope: Construct, { hub, settings }: ShopProps): void {
  new WebhookEndpoint(scope, 'CarrierTracking', {
    hub,
    ...webhookOf(hub.settings.tenancy === 'required', settings.sync === 'on'),
    throttle: THROTTLE,
    eventStreams: SHOP_FUNCTION.eventStreams,
  });
}

/** With syncs, what the webhook is told goes the way of the carrier's list. */
function webhookOf(hasTenants: boolean, isSynced: boolean): Pick<WebhookEndpointProps, 'webhook' | 'entry'> {
  if (isSynced) {
    return hasTenants
      ? { webhook: syncedCarrierTrackingOfTenants, entry: `${FOLDER}/synced-tracking/of-tenants.ts` }
      : { webhook: syncedCarrierTracking, entry: `${FOLDER}/synced-tracking/index.ts` };
  }
  return hasTenants
    ? { webhook: carrierTrackingOfTenants, entry: `${FOLDER}/carrier-tracking/of-tenants.ts` }
    : { webhook: carrierTracking, entry: `${FOLDER}/carrier-tracking/index.ts` };
}
