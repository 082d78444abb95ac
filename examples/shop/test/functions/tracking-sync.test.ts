import { expect, it } from 'vitest';
import { syncChanged, syncRequested } from 'waybill';
import { createSync, parseSyncItem, SYNC_TABLE } from 'waybill/sync';
import { createHarness, createMemorySource, createSilentLogger, createSilentMetrics } from 'waybill/testing';
import { ParcelMoved } from '../../functions/carrier-tracking/events.ts';
import { CARRIER, trackingSync } from '../../functions/tracking-sync/sync.ts';
import { trackingSink } from '../../functions/tracking-sync/tracking-sink.ts';

type Entry = {
  readonly id: string;
  readonly customerReference: string;
  readonly trackingCode: string;
  readonly state: string;
  readonly occurredAt: string;
};

const entry = (id: string, state: string): Entry => ({
  id,
  customerReference: '1001',
  trackingCode: 'TRK_1',
  state,
  occurredAt: '2026-11-20T06:00:00.000Z',
});

function createShop() {
  const shop = createHarness({ tables: { sync: SYNC_TABLE } });
  const carrier = createMemorySource<Entry>({ id: 'id' });
  let tokens = 0;
  const sync = createSync(trackingSync, {
    outbox: shop.outbox,
    clock: shop.clock,
    table: shop.table('sync', parseSyncItem) as Parameters<typeof createSync>[1]['table'],
    newToken: () => `token-${++tokens}`,
    logger: createSilentLogger('tracking-sync'),
    metrics: createSilentMetrics('tracking-sync'),
    sources: { [CARRIER]: carrier },
    sink: trackingSink,
  });
  shop.serve(sync.handlers);
  return {
    shop,
    carrier,
    poll: () =>
      shop.publish(syncRequested(trackingSync), { provider: CARRIER, mode: 'increment', trigger: 'schedule' }),
    tell: (told: Entry) =>
      shop.publish(syncChanged(trackingSync), {
        provider: CARRIER,
        trigger: 'webhook',
        change: { kind: 'upsert', externalId: told.id, raw: told },
      }),
  };
}

it('tells of an entry once, whether the webhook or the list has it first', async () => {
  const { shop, carrier, poll, tell } = createShop();
  const [first, second] = [entry('trk_1', 'PICKED_UP'), entry('trk_2', 'DELIVERED')];
  carrier.put(first);
  carrier.put(second);

  await tell(first);
  await shop.runToEnd();
  await poll();
  await shop.runToEnd();
  await tell(second);
  await tell(first);
  await poll();
  await shop.runToEnd();

  expect(shop.events(ParcelMoved).map(({ data }) => data)).toStrictEqual([
    {
      orderId: '1001',
      trackingNumber: 'TRK_1',
      status: 'picked-up',
      at: '2026-11-20T06:00:00.000Z',
      deliveryId: 'trk_1',
    },
    expect.objectContaining({ deliveryId: 'trk_2', status: 'delivered' }),
  ]);
});
