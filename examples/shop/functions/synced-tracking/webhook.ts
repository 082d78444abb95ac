import { syncChanged } from 'waybill';
import { defineWebhook, on, publish, standardWebhooks } from 'waybill/webhook';
import { carrierMoveSchema } from '../carrier-tracking/carrier-move.ts';
import { CARRIER, trackingSync } from '../tracking-sync/sync.ts';
import * as z from '../zod.ts';

const MoveCarried = syncChanged(trackingSync);

const movedSchema = z.object({ data: carrierMoveSchema });

const define = <const Path extends string>(path: Path) =>
  defineWebhook({
    name: 'carrier-tracking',
    path,
    scheme: standardWebhooks(),
    events: {
      'parcel.moved': on(movedSchema, [MoveCarried], ({ data }, { deliveryId }) =>
        publish(MoveCarried, {
          provider: CARRIER,
          trigger: 'webhook',
          change: { kind: 'upsert', externalId: deliveryId, raw: { ...data, id: deliveryId } },
        }),
      ),
    },
  });

/** As the webhook of a shop without syncs; what it is told goes the way of the carrier's list. */
export const syncedCarrierTracking = define('/webhooks/carrier');

/** The same in a deployment with tenants. */
export const syncedCarrierTrackingOfTenants = define('/webhooks/{tenant}/carrier');
