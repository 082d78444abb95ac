import { describe, expect, it } from 'vitest';
import { defineSync, detect } from '../../../lib/definitions/index.ts';
import { addMs } from '../../../lib/shared/time.ts';
import type { ChangeSource } from '../../../lib/sync/ports.ts';
import { parseSyncItem } from '../../../lib/sync/sync-item.ts';
import { SYNC_TABLE } from '../../../lib/sync/table.ts';
import { createSyncTick } from '../../../lib/sync/tick.ts';
import { createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createScheduled, MINUTE } from './schedule-rig.ts';
import { ago, mapping, product, row, rowSchema, supplierOf } from './sync-rig.ts';

const HOUR = 60 * MINUTE;
const KEY = { sync: 'products', provider: 'supplier' } as const;

describe('the tick of a sync', () => {
  it('begins the subscription of each provider, then asks for a run each interval', async () => {
    const { rig, tick, asked, pass } = createScheduled();

    expect(await tick()).toMatchObject({ asked: 1, underWay: 0, more: false });
    expect(asked()).toStrictEqual(['increment']);
    await rig.drain();

    expect(await pass(14)).toBe(0);
    expect(await pass(1)).toBe(1);
    expect(await pass(45)).toBe(3);
    expect(await rig.runsOf(KEY)).toHaveLength(5);
  });

  it('asks once for a run that has not begun, and again only after an hour', async () => {
    const { rig, tick, asked } = createScheduled();

    for (let minute = 0; minute < 60; minute++) {
      await tick();
      rig.clock.advance(MINUTE);
    }
    expect(asked()).toStrictEqual(['increment']);

    await tick();
    expect(rig.memory.events).toHaveLength(2);
  });

  it('asks for nothing while a run is under way, and again once it has ended', async () => {
    let isDown = true;
    const supplier = supplierOf();
    const down: ChangeSource = {
      ...supplier,
      pages: (request) => {
        if (isDown) throw Object.assign(new Error('throttled'), { disposition: 'defer', retryAfterSeconds: 60 });
        return supplier.pages(request);
      },
    };
    const { rig, tick } = createScheduled({ sources: { supplier: down } });
    await tick();
    await rig.deliver(rig.next());

    for (let minute = 0; minute < 90; minute += 15) {
      rig.clock.advance(15 * MINUTE);
      expect(await tick()).toMatchObject({ asked: 0, underWay: 1 });
    }

    isDown = false;
    await rig.drain();
    rig.clock.advance(MINUTE);
    expect(await tick()).toMatchObject({ asked: 1, underWay: 0 });
  });

  it('repeats a run that failed after 5 minutes, then after 10, and from then on with each interval', async () => {
    const failing: ChangeSource = {
      ...supplierOf(),
      pages: () => {
        throw Object.assign(new Error('no'), { code: 'EXTERNAL_UNAUTHORIZED' });
      },
    };
    const { rig, pass } = createScheduled({ sources: { supplier: failing } });

    await pass(60);

    const started = (await rig.runsOf(KEY)).map(({ startedAt }) => (startedAt - rig.clock.now()) / MINUTE + 60);
    expect(started.toSorted((a, b) => a - b)).toStrictEqual([1, 6, 16, 31, 46]);
  });

  it('repeats a run that left parked records sooner than its interval', async () => {
    const supplier = supplierOf();
    supplier.put({ ...row('1', ago(3600)), NET: 'free' as never });
    for (const sku of ['2', '3', '4', '5', '6', '7']) supplier.put(row(sku, ago(3600)));
    const { rig, pass } = createScheduled({ sources: { supplier } });

    await pass(7);

    expect((await rig.runsOf(KEY)).map(({ status }) => status)).toStrictEqual(['partial', 'partial']);
  });

  it('reconciles once the hours have passed, and after a backfill as it was due', async () => {
    const { rig, tick, asked, pass } = createScheduled();
    await pass(1);
    rig.clock.advance(23 * HOUR);
    await rig.run({ mode: 'backfill' });
    await tick();
    await rig.drain();

    rig.clock.advance(HOUR);
    await tick();

    expect(asked().toSorted()).toStrictEqual(['increment', 'reconcile']);
  });

  it('counts a subscription without a run that ended well for four intervals, until it has one', async () => {
    let isDown = false;
    const supplier = supplierOf();
    const source: ChangeSource = {
      ...supplier,
      pages: (request) => {
        if (isDown) throw Object.assign(new Error('no'), { code: 'EXTERNAL_UNAUTHORIZED' });
        return supplier.pages(request);
      },
    };
    const { counted, pass, lines } = createScheduled({ sources: { supplier: source } });
    await pass(1);
    isDown = true;
    await pass(59);
    expect(counted).toStrictEqual({});

    await pass(2);
    expect(counted).toMatchObject({ SyncSubscriptionsOverdue: 1 });
    expect(lines).toContain('sync: subscription is overdue');

    isDown = false;
    await pass(15);
    delete counted.SyncSubscriptionsOverdue;
    await pass(59);
    expect(counted).toStrictEqual({});
  });

  it('counts deletes that wait for an approval as long as they wait', async () => {
    const supplier = supplierOf();
    const skus = Array.from({ length: 20 }, (_, index) => String(index).padStart(2, '0'));
    for (const sku of skus) supplier.put(row(sku, ago(36_000)));
    const { rig, counted, pass } = createScheduled({ sources: { supplier } });
    await pass(1);
    for (const sku of skus.slice(0, 11)) supplier.delete(sku);
    rig.clock.advance(24 * HOUR);
    await pass(1);

    for (let look = 0; look < 2; look++) {
      delete counted.SyncApprovalsDue;
      await pass(16);
      expect(counted).toMatchObject({ SyncApprovalsDue: 1 });
    }
    const { run } = await rig.sync.store.readScope({ ...KEY, scope: 'full' });
    await rig.sync.approve('supplier', run?.runId ?? '', { by: 'kim' });
    await rig.drain();
    delete counted.SyncApprovalsDue;
    await pass(30);
    expect(counted).not.toHaveProperty('SyncApprovalsDue');
  });

  it('asks for nothing that is stopped, and at once when it is started', async () => {
    const { rig, pass } = createScheduled();
    await pass(1);

    await rig.sync.stop('supplier', { by: 'kim' });
    expect(await pass(60)).toBe(0);
    await rig.run();
    expect(await pass(60)).toBe(0);
    await expect(rig.sync.stop('supplier', { by: 'kim' })).rejects.toMatchObject({ code: 'SYNC_COMMAND_REFUSED' });

    await rig.sync.start('supplier', { by: 'kim' });
    expect(await pass(1)).toBe(2);
  });

  it('leaves a provider alone that the deployment no longer has', async () => {
    const { rig, pass } = createScheduled();
    await pass(1);
    const table = createTenantTable({
      store: createInMemoryTableStore(rig.tables),
      ...{ outbox: rig.outbox, tenancy: rig.tenancy, tableName: 'sync', schema: SYNC_TABLE, parse: parseSyncItem },
    });
    const tick = createSyncTick({
      ...{ name: 'products', providers: {}, table, clock: rig.clock, outbox: rig.outbox, tenancy: rig.tenancy },
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      metrics: { addMetric: () => undefined },
    });
    rig.clock.advance(HOUR);

    expect(await tick.run(addMs(rig.clock.now(), 30_000))).toMatchObject({ asked: 0, failed: 0 });
  });
});

describe('with tenants, the tick of a sync', () => {
  it('asks for each tenant from its first run on, as that tenant', async () => {
    const { rig, tick, asked } = createScheduled({ tenancy: 'required' });

    expect(await tick()).toMatchObject({ asked: 0 });

    for (const tenant of ['acme', 'bolt']) await rig.request({}, tenant);
    await rig.drain();
    rig.clock.advance(15 * MINUTE);
    expect(await tick()).toMatchObject({ asked: 2, failed: 0 });
    expect(asked().toSorted()).toStrictEqual(['acme increment', 'bolt increment']);

    await rig.drain();
    expect(await rig.tenancy.runAsTenant('acme', () => rig.runsOf(KEY))).toHaveLength(2);
  });

  it('goes on with the others if one cannot be scheduled', async () => {
    const { rig, tick, lines } = createScheduled({ tenancy: 'required' });
    for (const tenant of ['acme', 'bolt']) await rig.request({}, tenant);
    await rig.drain();
    const broken = rig.tables.items('sync').find(({ id }) => id?.S === 'acme#scope#products#supplier');
    if (broken?.content === undefined) throw new Error('acme has no subscription');
    Object.assign(broken.content, { S: 'torn' });
    rig.clock.advance(15 * MINUTE);

    expect(await tick()).toMatchObject({ asked: 1, failed: 1 });
    expect(lines).toContain('sync: a subscription could not be scheduled');
  });
});

describe('a first run by hand', () => {
  it('begins both schedules, in the definition’s intervals', async () => {
    const hourly = defineSync({
      name: 'products',
      entity: 'product',
      schema: product,
      providers: {
        supplier: detect({
          schema: rowSchema,
          id: 'SKU',
          cursor: { kind: 'timestamp', field: 'MODIFIED' },
          deletes: { kind: 'reconcile', everyHours: 2 },
          everyMinutes: 60,
          mapping,
        }),
      },
    });
    const { rig, pass } = createScheduled({ providers: hourly.providers, tenancy: 'required' });
    await rig.request({ mode: 'backfill' }, 'acme');
    await rig.drain();

    expect(await pass(1)).toBe(1);
    expect(await pass(58)).toBe(0);
    expect(await pass(62)).toBe(3);
  });
});
