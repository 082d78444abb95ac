import { defineWebhook, on, publish, standardWebhooks } from 'waybill/webhook';
import * as z from '../zod.ts';
import { carrierMoveSchema, toParcelMoved } from './carrier-move.ts';
import { ParcelMoved } from './events.ts';

const movedSchema = z.object({ data: carrierMoveSchema });

const define = <const Path extends string>(path: Path) =>
  defineWebhook({
    name: 'carrier-tracking',
    path,
    scheme: standardWebhooks(),
    events: {
      'parcel.moved': on(movedSchema, [ParcelMoved], ({ data }, { deliveryId }) =>
        publish(ParcelMoved, toParcelMoved(data, deliveryId)),
      ),
    },
  });

/** Where carriers tell of their parcels. */
export const carrierTracking = define('/webhooks/carrier');

/** The same in a deployment with tenants: each has an account, and so a secret, of its own at the carriers. */
export const carrierTrackingOfTenants = define('/webhooks/{tenant}/carrier');
