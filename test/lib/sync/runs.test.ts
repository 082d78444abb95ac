import { describe, expect, it } from 'vitest';
import { ago, createSyncRig, productSync, row, supplierOf } from './sync-rig.ts';

describe('a run', () => {
  it('creates, updates and leaves alone, each change with one event', async () => {
    const supplier = supplierOf(2);
    const rig = createSyncRig(productSync, { sources: { supplier } });
    for (const sku of ['1', '2', '3']) supplier.put(row(sku, ago(3600)));

    const first = await rig.run();
    supplier.put(row('2', ago(1800), { NET: 2 }));
    const second = await rig.run();

    expect(first).toMatchObject({ status: 'succeeded', mode: 'increment', counts: { created: 3, updated: 0 } });
    expect(second).toMatchObject({ status: 'succeeded', counts: { created: 0, updated: 1 } });
    expect(rig.changes()).toStrictEqual(['created 1', 'created 2', 'created 3', 'updated 2']);
    expect(rig.catalog()).toStrictEqual([
      { sku: '1', name: 'Lamp 1', price: 100 },
      { sku: '2', name: 'Lamp 2', price: 200 },
      { sku: '3', name: 'Lamp 3', price: 100 },
    ]);
    expect(await rig.itemsOf({ runId: second?.runId ?? '' })).toMatchObject([
      { externalId: '2', outcome: 'updated', changed: ['price'], origin: 'poll', version: ago(1800) },
    ]);
  });
});
