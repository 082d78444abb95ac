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

describe('a run of many records', () => {
  it('goes on after each slice and each crash, reads at most one page again, and reads nothing twice else', async () => {
    const supplier = supplierOf(10);
    for (let index = 0; index < 200; index++) supplier.put(row(String(index).padStart(3, '0'), ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier }, sliceMs: 0 });
    await rig.request();
    let turn = 0;
    let crashed = 0;
    for (let due = rig.due(); due.length > 0; due = rig.due()) {
      if (turn++ % 2 === 0) rig.crash(turn % 13, turn % 3 === 0);
      const delivery = await rig.deliver(rig.next());
      rig.crash(Number.POSITIVE_INFINITY);
      if (delivery === 'crashed') crashed++;
      rig.clock.advance(90_000);
    }

    expect(crashed).toBeGreaterThan(5);
    expect(rig.changes()).toHaveLength(200);
    expect(new Set(rig.changes()).size).toBe(200);
    // of 20 pages, each crash has one read again at most
    expect(supplier.calls.length).toBeLessThanOrEqual(20 + crashed);
    expect((await rig.runsOf({ sync: 'products', provider: 'supplier' })).at(-1)).toMatchObject({
      status: 'succeeded',
    });
  });
});

describe('a backfill', () => {
  it('reads everything beside increments, whose position stays', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();
    const key = { sync: 'products', provider: 'supplier', scope: 'increment' } as const;
    const before = await rig.sync.store.readScope(key);
    // it was changed without a new time, and no increment will see it
    supplier.put(row('old', ago(360_000)));

    const run = await rig.run({ mode: 'backfill' });

    expect(run).toMatchObject({ mode: 'backfill', status: 'succeeded', counts: { created: 1, unchanged: 1 } });
    expect(await rig.sync.store.readScope(key)).toStrictEqual(before);
  });

  it('is followed by the reconcile that was asked for meanwhile', async () => {
    const supplier = supplierOf(1);
    for (const sku of ['1', '2', '3']) supplier.put(row(sku, ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier }, sliceMs: 0 });
    await rig.request({ mode: 'backfill' });
    await rig.deliver(rig.next());
    await rig.request({ mode: 'reconcile', actor: 'kim' });
    await rig.drain();

    expect(await rig.runsOf({ sync: 'products', provider: 'supplier' })).toMatchObject([
      { mode: 'backfill', status: 'succeeded' },
      { mode: 'reconcile', status: 'succeeded', actor: 'kim' },
    ]);
  });
});
