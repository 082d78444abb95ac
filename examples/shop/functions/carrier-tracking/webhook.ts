import { defineWebhook, on, publish, standardWebhooks } from 'waybill/webhook';
import { ORDER_ID_PATTERN } from '../order-group.ts';
import * as z from '../zod.ts';
import { ParcelMoved } from './events.ts';
import type { TrackingStatus } from './tracking-status.ts';

/** Ours by theirs. */
const STATUSES = {
  PICKED_UP: 'picked-up',
  IN_TRANSIT: 'in-transit',
  OUT_FOR_DELIVERY: 'out-for-delivery',
  DELIVERED: 'delivered',
} as const satisfies Readonly<Record<string, TrackingStatus>>;

/** The carrier's message; `customerReference` is what the shop booked the parcel with. */
const movedSchema = z.object({
  data: z.object({
    customerReference: z.string().check(z.regex(ORDER_ID_PATTERN)),
    trackingCode: z.string().check(z.minLength(1), z.maxLength(64)),
    state: z.enum(Object.keys(STATUSES) as [keyof typeof STATUSES]),
    occurredAt: z.iso.datetime(),
  }),
});

const define = <const Path extends string>(path: Path) =>
  defineWebhook({
    name: 'carrier-tracking',
    path,
    scheme: standardWebhooks(),
    events: {
      'parcel.moved': on(movedSchema, [ParcelMoved], ({ data }, { deliveryId }) =>
        publish(ParcelMoved, {
          orderId: data.customerReference,
          trackingNumber: data.trackingCode,
          status: STATUSES[data.state],
          at: data.occurredAt,
          deliveryId,
        }),
      ),
    },
  });

/** Where carriers tell of their parcels. */
export const carrierTracking = define('/webhooks/carrier');

/** The same in a deployment with tenants: each has an account, and so a secret, of its own at the carriers. */
export const carrierTrackingOfTenants = define('/webhooks/{tenant}/carrier');
