import * as z from 'zod/mini';
import { defineWebhook, on, publish, standardWebhooks } from '../../../lib/webhook/public.ts';
import { ParcelMoved } from './events.ts';

const events = {
  'tracking.updated': on(
    z.object({ data: z.object({ parcel: z.string(), status: z.string() }) }),
    [ParcelMoved],
    ({ data }) => publish(ParcelMoved, data),
  ),
};

export const carrier = defineWebhook({
  name: 'carrier',
  path: '/webhooks/{tenant}/carrier',
  scheme: standardWebhooks(),
  events,
});

/** The same sender at an address that takes few requests. */
export const flooded = defineWebhook({
  name: 'flooded',
  path: '/webhooks/{tenant}/flooded',
  scheme: standardWebhooks(),
  events,
});
