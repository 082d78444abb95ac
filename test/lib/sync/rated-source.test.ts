import { expect, it } from 'vitest';
import { defineSync, detect } from '../../../lib/definitions/index.ts';
import { ago, createSyncRig, mapping, product, row, rowSchema, supplierOf } from './sync-rig.ts';

const ratedSync = (ratePerSecond: number) =>
  defineSync({
    name: 'products',
    entity: 'product',
    schema: product,
    providers: {
      supplier: detect({
        schema: rowSchema,
        id: 'SKU',
        cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
        ratePerSecond,
        mapping,
      }),
    },
  });

it('a provider’s rate spaces the calls of its source, and defers the run where the next turn is far', async () => {
  const supplier = supplierOf(1);
  for (const sku of ['1', '2', '3']) supplier.put(row(sku, ago(3600)));
  const rig = createSyncRig(ratedSync(0.1), { sources: { supplier } });
  const startedAt = rig.clock.now();

  await rig.request();
  const deliveries = await rig.drain();

  expect(rig.catalog().map(({ sku }) => sku)).toStrictEqual(['1', '2', '3']);
  // the second and the third page
  expect(deliveries.filter((each) => each === 'deferred')).toHaveLength(2);
  expect(rig.clock.now() - startedAt).toBeGreaterThanOrEqual(20_000);
  expect((await rig.runsOf({ sync: 'products', provider: 'supplier' }))[0]).toMatchObject({ status: 'succeeded' });
});

it('a rate is above 0 and at most 1000', () => {
  expect(() => ratedSync(0)).toThrow('ratePerSecond must be a number above 0 and at most 1000, got 0');
});
