import { createExternalClient, createSyncConsumer, requireEnv } from 'waybill/runtime';
import { createCarrierList } from './carrier-list.ts';
import { CARRIER, trackingSync } from './sync.ts';
import { trackingSink } from './tracking-sink.ts';

const { CARRIER_URL: baseUrl } = requireEnv(process.env, 'CARRIER_URL');

export const handler = createSyncConsumer(trackingSync, (runtime) => ({
  sources: {
    [CARRIER]: createCarrierList(
      createExternalClient({ name: 'carrier', baseUrl }, runtime),
      runtime.tenancy.currentTenant,
    ),
  },
  sink: trackingSink,
}));
