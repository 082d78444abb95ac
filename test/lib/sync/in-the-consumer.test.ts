import { expect, it } from 'vitest';
import { syncRequested } from '../../../lib/sync/events.ts';
import { createSync, parseSyncItem, SYNC_TABLE } from '../../../lib/sync/public.ts';
import {
  createHarness,
  createMemorySource,
  createSilentLogger,
  createSilentMetrics,
  syncHistory,
} from '../../../lib/testing/public.ts';
import { ago, type Product, ProductChanged, productSync, type Row, row } from './sync-rig.ts';

const PRODUCTS = { partitionKey: { name: 'localId', type: 'S' } } as const;

/** A sync in the production consumer: its inbox, cursors, error policy and order gate. */
function createShop() {
  const shop = createHarness({ tables: { sync: SYNC_TABLE, products: PRODUCTS }, startsAt: ago(0) });
  const supplier = createMemorySource<Row>({ id: 'SKU', field: 'MODIFIED', pageSize: 3 });
  const products = shop.table('products', (item) => item as { readonly localId: string; readonly entity: Product });
  let tokens = 0;
  const sync = createSync(productSync, {
    sources: { supplier },
    sink: {
      find: async (localId) => (await products.get({ localId }))?.entity,
      collect(tx, { kind, localId, entity, externalId, version, origin }) {
        if (kind === 'deleted') products.within(tx).delete({ Key: { localId } });
        else products.within(tx).put({ Item: { localId, entity } });
        tx.publish(ProductChanged, { localId, externalId, kind, version, origin });
      },
    },
    ...{ outbox: shop.outbox, clock: shop.clock, sliceMs: 0 },
    table: shop.table('sync', parseSyncItem) as Parameters<typeof createSync>[1]['table'],
    newToken: () => `token-${++tokens}`,
    logger: createSilentLogger('sync'),
    metrics: createSilentMetrics('sync'),
  });
  shop.serve(sync.handlers);
  return { shop, supplier, sync };
}

it.each([1, 2, 3, 4, 5])('is exact in the real consumer, with crashes and duplicates (seed %i)', async (seed) => {
  const { shop, supplier, sync } = createShop();
  for (let index = 0; index < 20; index++) supplier.put(row(String(index).padStart(2, '0'), ago(3600)));
  const request = { provider: 'supplier', mode: 'increment', trigger: 'schedule' } as const;

  await shop.publish(syncRequested(productSync), request);
  const { deadLetters } = await shop.runToEnd({ seed, crashes: 0.15, duplicates: 0.3 });

  expect(deadLetters).toStrictEqual([]);
  expect(shop.events(ProductChanged).map(({ data }) => `${data.kind} ${data.externalId}`)).toStrictEqual(
    Array.from({ length: 20 }, (_, index) => `created ${String(index).padStart(2, '0')}`),
  );
  expect(await syncHistory(sync).runsOf({ sync: 'products', provider: 'supplier' })).toMatchObject([
    { status: 'succeeded' },
  ]);
});
