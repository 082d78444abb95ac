import { expect, it } from 'vitest';
import * as z from 'zod';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineEvent, defineSubscription, defineSync, detect } from '../../../lib/definitions/index.ts';
import { syncChanged } from '../../../lib/sync/events.ts';
import { createSync, parseSyncItem, SYNC_TABLE } from '../../../lib/sync/public.ts';
import {
  createHarness,
  createMemorySource,
  createSilentLogger,
  createSilentMetrics,
  syncHistory,
} from '../../../lib/testing/public.ts';
import { ago, mapping, type Product, ProductChanged, product, type Row, row, rowSchema } from './sync-rig.ts';

const PRODUCTS = { partitionKey: { name: 'localId', type: 'S' } } as const;

/** What the other hub publishes from its outbox: each change of a row, in order. */
const RowChanged = defineEvent({
  type: 'com.example.hub.row.changed',
  source: '/hub',
  version: 1,
  schema: z.object({ sku: z.string(), at: z.string(), row: rowSchema.optional() }),
  group: ({ sku }) => `row#${sku}`,
});

const mirrorSync = defineSync({
  ...{ name: 'mirror', entity: 'product', schema: product },
  providers: {
    hub: detect({ schema: rowSchema, id: 'SKU', cursor: { kind: 'opaque' }, version: 'MODIFIED', mapping }),
  },
});

/** The outbox of another hub as a change stream: a consumer carries each of its changes into the sync. */
function createMirror() {
  const shop = createHarness({ tables: { sync: SYNC_TABLE, products: PRODUCTS }, startsAt: ago(0) });
  const hub = createMemorySource<Row>({ id: 'SKU' });
  const products = shop.table('products', (item) => item as { readonly localId: string; readonly entity: Product });
  let tokens = 0;
  const sync = createSync(mirrorSync, {
    sources: { hub },
    sink: {
      find: async (localId) => (await products.get({ localId }))?.entity,
      collect(tx, { kind, localId, entity, externalId, version, origin }) {
        if (kind === 'deleted') products.within(tx).delete({ Key: { localId } });
        else products.within(tx).put({ Item: { localId, entity } });
        tx.publish(ProductChanged, { localId, externalId, kind, version, origin });
      },
    },
    ...{ outbox: shop.outbox, clock: shop.clock, newToken: () => `token-${++tokens}` },
    table: shop.table('sync', parseSyncItem) as Parameters<typeof createSync>[1]['table'],
    logger: createSilentLogger('sync'),
    metrics: createSilentMetrics('sync'),
  });
  shop.serve(sync.handlers);
  const stream = defineSubscription({ name: 'hub-to-mirror', events: [RowChanged] });
  shop.serve(
    handlersFor(stream, {
      'com.example.hub.row.changed': ({ data: { sku, at, row: raw } }, { tx }) => {
        const known = { externalId: sku, version: at };
        const change =
          raw === undefined ? { kind: 'delete' as const, ...known } : { kind: 'upsert' as const, ...known, raw };
        tx.publish(syncChanged(mirrorSync), { provider: 'hub', trigger: 'stream', change });
      },
    }),
  );
  const tell = async (sku: string, at: string, net?: number) => {
    const changed = net === undefined ? undefined : row(sku, at, { NET: net });
    if (changed === undefined) hub.delete(sku);
    else hub.put(changed);
    await shop.publish(RowChanged, { sku, at, ...(changed !== undefined && { row: changed }) });
  };
  return { shop, sync, tell };
}

it.each([1, 2, 3])('takes the outbox of another hub as its changes, each once and in order (seed %i)', async (seed) => {
  const { shop, sync, tell } = createMirror();
  await tell('1', ago(90), 1);
  await tell('2', ago(80), 1);
  await tell('1', ago(70), 2);
  await tell('2', ago(60));
  await tell('1', ago(50), 3);

  const { deadLetters } = await shop.runToEnd({ seed, crashes: 0.15, duplicates: 0.3 });

  expect(deadLetters).toStrictEqual([]);
  const told = shop.events(ProductChanged).map(({ data }) => data);
  expect(told.filter(({ externalId }) => externalId === '1').at(-1)).toMatchObject({
    version: ago(50),
    origin: 'stream',
  });
  expect(told.filter(({ externalId }) => externalId === '2').map(({ kind }) => kind)).toStrictEqual([
    'created',
    'deleted',
  ]);
  expect(told.filter(({ externalId }) => externalId === '1').map(({ version }) => version)).toStrictEqual([
    ago(90),
    ago(70),
    ago(50),
  ]);
  const runs = await syncHistory(sync).runsOf({ sync: 'mirror', provider: 'hub' });
  expect(runs.map(({ mode, trigger }) => `${mode} ${trigger}`)).toStrictEqual(Array(5).fill('change stream'));
});
