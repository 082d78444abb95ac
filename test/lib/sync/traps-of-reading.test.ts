import { describe, expect, it } from 'vitest';
import { defineSync, detect } from '../../../lib/definitions/index.ts';
import type { Change } from '../../../lib/sync/change.ts';
import type { ChangePage, ChangeSource, ReadRequest } from '../../../lib/sync/ports.ts';
import {
  ago,
  createSyncRig,
  mapping,
  NOW,
  product,
  productSync,
  type Row,
  row,
  rowSchema,
  supplierOf,
} from './sync-rig.ts';

const KEY = { sync: 'products', provider: 'supplier' };
const INCREMENT = { ...KEY, scope: 'increment' } as const;

const upsert = (raw: Row): Change => ({ kind: 'upsert', externalId: raw.SKU, raw, complete: true });

/** A source that returns these pages to each read. */
const sourceOf = (
  pages: (request: ReadRequest) => readonly ChangePage[],
  more: Partial<ChangeSource> = {},
): ChangeSource => ({
  label: 'supplier',
  async *pages(request) {
    yield* pages(request);
  },
  async *enumerate() {
    yield { changes: [], last: true };
  },
  get: async () => undefined,
  ...more,
});

describe('trap 1: records of one timestamp on both sides of a checkpoint', () => {
  it('are all read, because a run goes on after (value, id)', async () => {
    const supplier = supplierOf(2);
    for (const sku of ['1', '2', '3', '4', '5']) supplier.put(row(sku, ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.request();
    // after the scope, two records and their page
    rig.crash(4);

    expect(await rig.drain()).toStrictEqual(['crashed', 'handled']);
    expect(supplier.calls.filter(({ kind }) => kind === 'pages')).toMatchObject([
      { request: { after: undefined } },
      { request: { after: { value: ago(3600), id: '2' } } },
    ]);
    expect(rig.changes()).toStrictEqual(['created 1', 'created 2', 'created 3', 'created 4', 'created 5']);
  });
});

describe('trap 2: rows that appear under a time that has passed', () => {
  it('are read by the overlap of the next run', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(1800)));
    supplier.put(row('2', ago(130)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();
    supplier.put(row('late', ago(700)));

    const run = await rig.run();

    expect(rig.changes()).toStrictEqual(['created 1', 'created 2', 'created late']);
    expect(run?.counts).toMatchObject({ created: 1, unchanged: 1 });
  });

  it('are waited for: nothing is read beyond the provider’s own time minus the lag', async () => {
    const supplier = supplierOf();
    const theirs = new Date(NOW - 300_000);
    const rig = createSyncRig(productSync, { sources: { supplier: { ...supplier, now: async () => theirs } } });
    supplier.put(row('1', ago(421)));
    supplier.put(row('2', ago(419)));

    await rig.run();

    expect(supplier.calls).toMatchObject([{ request: { until: ago(420, '.000') } }]);
    expect(rig.changes()).toStrictEqual(['created 1']);
  });
});

describe('trap 3: a cursor that is rounded, or shifted past the data', () => {
  it('is not made: the literal of the provider is kept as it was sent', async () => {
    const supplier = supplierOf(1);
    const literals = ['.123456', '.123457', '.1234571'].map((fraction) => ago(3600, fraction));
    for (const [index, literal] of literals.entries()) supplier.put(row(`${index}`, literal.replace('Z', '+00:00')));
    const rig = createSyncRig(productSync, { sources: { supplier }, sliceMs: 0 });

    await rig.run();

    expect(supplier.calls.map((call) => ('request' in call ? call.request.after?.value : undefined))).toStrictEqual([
      undefined,
      ago(3600, '.123456').replace('Z', '+00:00'),
      ago(3600, '.123457').replace('Z', '+00:00'),
    ]);
    expect(rig.changes()).toStrictEqual(['created 0', 'created 1', 'created 2']);
  });

  it('never passes the time up to which is read, whatever times the provider sends', async () => {
    const wrong = row('wrong', ago(-3600));
    let rows = [row('1', ago(900)), wrong];
    const supplier = sourceOf(({ after }) => [
      {
        changes: rows.filter(({ MODIFIED }) => after?.value === undefined || MODIFIED > after.value).map(upsert),
        last: true,
      },
    ]);
    const rig = createSyncRig(productSync, { sources: { supplier } });
    const first = await rig.run();
    rows = [row('1', ago(900)), row('2', ago(130)), wrong];
    await rig.run();

    expect(first?.counts).toMatchObject({ created: 1, tooFresh: 1 });
    expect(rig.changes()).toStrictEqual(['created 1', 'created 2']);
    expect((await rig.sync.store.readScope(INCREMENT)).position).toStrictEqual({ value: ago(130), id: '2' });
  });

  it('is refused if its zone is not known', async () => {
    const supplier = sourceOf(() => [{ changes: [upsert(row('1', '2026-11-20 05:00:00'))], last: true }]);
    const rig = createSyncRig(productSync, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({ status: 'failed', reason: { code: 'SYNC_CURSOR_UNREADABLE' } });
  });

  it('is refused if rows are not in its order: those between would be lost', async () => {
    const supplier = sourceOf(() => [{ changes: [row('1', ago(900)), row('2', ago(901))].map(upsert), last: true }]);
    const rig = createSyncRig(productSync, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({ status: 'failed', reason: { code: 'SYNC_UNSORTED' } });
  });
});

describe('trap 4: more records of one time than a page', () => {
  const rows = ['1', '2', '3', '4'].map((sku) => row(sku, ago(3600)));

  it('end the run as stuck, where a source cannot begin inside of them', async () => {
    // it filters by the time alone, and returns the first two
    let reads = 0;
    const supplier = sourceOf(() => {
      if (++reads > 20) throw new Error('it is read without end');
      const page = { changes: rows.slice(0, 2).map(upsert), last: false };
      return Array.from({ length: 20 }, () => page);
    });
    const rig = createSyncRig(productSync, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({ status: 'failed', reason: { code: 'SYNC_STUCK' }, counts: { created: 2 } });
    expect(reads).toBe(1);
  });

  it('are read with the source’s own token of a page', async () => {
    const supplier = sourceOf(({ after }) =>
      rows.slice(Number(after?.page ?? 0)).map((each, index, rest) => ({
        changes: [upsert(each)],
        cursor: String(Number(after?.page ?? 0) + index + 1),
        last: index === rest.length - 1,
      })),
    );
    const rig = createSyncRig(productSync, { sources: { supplier }, sliceMs: 0 });

    expect(await rig.run()).toMatchObject({ status: 'succeeded', slice: 4, counts: { created: 4 } });
  });
});

describe('trap 5: offsets over rows that move', () => {
  const opaque = defineSync({
    ...{ name: 'products', entity: 'product', schema: product },
    providers: { supplier: detect({ schema: rowSchema, id: 'SKU', cursor: { kind: 'opaque' }, mapping }) },
  });

  it('are refused in an increment', async () => {
    const supplier = sourceOf(() => [
      { changes: [upsert(row('1', ago(1)))], cursor: 1 as unknown as string, last: false },
    ]);
    const rig = createSyncRig(opaque, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({
      status: 'failed',
      reason: { code: 'SYNC_CURSOR_OFFSET' },
      counts: { created: 0 },
    });
  });

  it('delete nothing that a full read has passed over', async () => {
    const supplier = supplierOf();
    for (const sku of ['1', '2', '3', '4']) supplier.put(row(sku, ago(3600)));
    const byOffset: ChangeSource = {
      ...supplier,
      async *enumerate() {
        yield { changes: supplier.rows().slice(0, 2).map(upsert), cursor: 'at 2', last: false };
        // the first row is deleted, and the third one moves to the place of the second
        supplier.delete('1');
        yield { changes: supplier.rows().slice(2).map(upsert), last: true };
      },
    };
    const rig = createSyncRig(productSync, { sources: { supplier: byOffset } });
    await rig.run();

    await rig.run({ mode: 'reconcile' });

    // the first row was there when it was read: the next full read finds that it is gone
    expect(rig.catalog().map(({ sku }) => sku)).toStrictEqual(['1', '2', '3', '4']);
  });
});

describe('trap 6: a truncated page', () => {
  it('is not taken for the end: the run waits, and reads the rest', async () => {
    let isTruncated = true;
    const rows = ['1', '2', '3'].map((sku, index) => row(sku, ago(3600 - index)));
    const supplier = sourceOf(({ after }) => {
      const rest = rows.filter(({ MODIFIED }) => after?.value === undefined || MODIFIED > after.value);
      return [{ changes: rest.slice(0, isTruncated ? 1 : 3).map(upsert), last: !isTruncated }];
    });
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.request();

    expect(await rig.deliver(rig.next())).toBe('deferred');
    expect(await rig.runsOf(KEY)).toMatchObject([{ status: 'waiting', reason: { code: 'SYNC_PAGES_TRUNCATED' } }]);
    isTruncated = false;
    await rig.drain();

    expect(await rig.runsOf(KEY)).toMatchObject([{ status: 'succeeded', counts: { created: 3 } }]);
  });

  it('ends a full read without deletes, however often it comes', async () => {
    const supplier = supplierOf();
    for (const sku of ['1', '2', '3']) supplier.put(row(sku, ago(3600)));
    const truncated: ChangeSource = {
      ...supplier,
      async *enumerate() {
        yield { changes: supplier.rows().slice(0, 1).map(upsert), cursor: 'x', last: false };
      },
      get: async () => undefined,
    };
    const rig = createSyncRig(productSync, { sources: { supplier: truncated } });
    await rig.run();

    expect(await rig.run({ mode: 'reconcile' })).toMatchObject({ status: 'failed', counts: { deleted: 0 } });
    expect(rig.catalog()).toHaveLength(3);
  });
});

describe('trap 7: an enumeration that lacks records', () => {
  const withRecords = async (count: number) => {
    const supplier = supplierOf();
    const skus = Array.from({ length: count }, (_, index) => String(index).padStart(3, '0'));
    for (const sku of skus) supplier.put(row(sku, ago(3600)));
    let hidden: readonly string[] = [];
    const source: ChangeSource = {
      ...supplier,
      async *enumerate() {
        yield {
          changes: supplier
            .rows()
            .filter(({ SKU }) => !hidden.includes(SKU))
            .map(upsert),
          last: true,
        };
      },
    };
    const rig = createSyncRig(productSync, { sources: { supplier: source } });
    await rig.run();
    return {
      rig,
      supplier,
      skus,
      hide: (them: readonly string[]) => {
        hidden = them;
      },
    };
  };

  it('deletes what the source confirms to be gone, and nothing else', async () => {
    const { rig, supplier, hide } = await withRecords(4);
    supplier.delete('000');
    hide(['001', '002']);

    expect(await rig.run({ mode: 'reconcile' })).toMatchObject({ status: 'succeeded', counts: { deleted: 1 } });
    expect(rig.catalog().map(({ sku }) => sku)).toStrictEqual(['001', '002', '003']);
  });

  it('waits for an approval if more than 10 records and more than 10 % are missing', async () => {
    const { rig, supplier, skus } = await withRecords(20);
    for (const sku of skus.slice(0, 11)) supplier.delete(sku);

    const waiting = await rig.run({ mode: 'reconcile' });

    expect(waiting).toMatchObject({
      status: 'awaiting-approval',
      counts: { deleted: 0 },
      reason: { code: 'SYNC_APPROVAL_DUE' },
    });
    expect(rig.catalog()).toHaveLength(20);
    expect(rig.counted).toMatchObject({ SyncApprovalsDue: 1 });
    await expect(rig.sync.approve('supplier', 'another', { by: 'kim' })).rejects.toMatchObject({
      code: 'SYNC_COMMAND_REFUSED',
    });

    await rig.sync.approve('supplier', waiting?.runId ?? '', { by: 'kim' });
    await rig.drain();

    expect((await rig.runsOf(KEY)).at(-1)).toMatchObject({
      status: 'succeeded',
      approvedBy: 'kim',
      counts: { deleted: 11 },
    });
    expect(rig.catalog()).toHaveLength(9);
  });

  it('asks nobody for 10 records, nor for a smaller share', async () => {
    const few = await withRecords(20);
    for (const sku of few.skus.slice(0, 10)) few.supplier.delete(sku);
    const small = await withRecords(120);
    for (const sku of small.skus.slice(0, 12)) small.supplier.delete(sku);

    expect(await few.rig.run({ mode: 'reconcile' })).toMatchObject({ status: 'succeeded', counts: { deleted: 10 } });
    expect(await small.rig.run({ mode: 'reconcile' })).toMatchObject({ status: 'succeeded', counts: { deleted: 12 } });
  });

  it('can be cancelled while it waits', async () => {
    const { rig, supplier, skus } = await withRecords(20);
    for (const sku of skus.slice(0, 11)) supplier.delete(sku);
    await rig.run({ mode: 'reconcile' });

    await rig.sync.cancel('supplier', 'full', { by: 'kim' });

    expect((await rig.runsOf(KEY)).at(-1)).toMatchObject({
      status: 'cancelled',
      reason: { message: 'cancelled by kim' },
    });
    expect(rig.catalog()).toHaveLength(20);
  });
});
