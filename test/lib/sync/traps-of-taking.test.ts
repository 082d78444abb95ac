import { describe, expect, it } from 'vitest';
import { defineSync, detect } from '../../../lib/definitions/index.ts';
import { parseEvent } from '../../../lib/event/index.ts';
import { ExternalThrottledError, ExternalUnavailableError } from '../../../lib/resilience/errors.ts';
import type { Change } from '../../../lib/sync/change.ts';
import type { ChangePage, ChangeSource, ReadRequest } from '../../../lib/sync/ports.ts';
import { createMemorySource } from '../../../lib/testing/memory-source.ts';
import { ago, createSyncRig, mapping, product, productSync, type Row, row, rowSchema, supplierOf } from './sync-rig.ts';

const KEY = { sync: 'products', provider: 'supplier' };
const INCREMENT = { ...KEY, scope: 'increment' } as const;

const upsert = (raw: Row): Change => ({ kind: 'upsert', externalId: raw.SKU, raw, complete: true });

/** A source that returns these pages to each read. */
const _sourceOf = (
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

const broken = (sku: string, modified: string): Row => row(sku, modified, { NET: 'free' as unknown as number });

describe('trap 8: one bad record', () => {
  it('is parked with its reason, and the run goes on', async () => {
    const supplier = supplierOf(2);
    supplier.put(row('1', ago(3600)));
    supplier.put(broken('2', ago(3599)));
    supplier.put(row('3', ago(3598)));
    const rig = createSyncRig(productSync, { sources: { supplier } });

    const run = await rig.run();

    expect(run).toMatchObject({ status: 'partial', counts: { created: 2, parked: 1 } });
    expect(rig.changes()).toStrictEqual(['created 1', 'created 3']);
    expect((await rig.sync.store.parked(KEY)).items).toMatchObject([
      { externalId: '2', parked: { code: 'SYNC_ROW_INVALID', attempts: 1 } },
    ]);
    expect((await rig.itemsOf({ runId: run?.runId ?? '' })).at(1)).toMatchObject({
      externalId: '2',
      outcome: 'parked',
    });
  });

  it('is parked if the sink cannot take it, too', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    supplier.put(row('2', ago(3599)));
    const rig = createSyncRig(productSync, {
      sources: { supplier },
      refuse: ({ externalId }) => (externalId === '1' ? new TypeError('no shelf') : undefined),
    });

    expect(await rig.run()).toMatchObject({ status: 'partial', counts: { created: 1, parked: 1 } });
    expect((await rig.sync.store.parked(KEY)).items).toMatchObject([
      { externalId: '1', parked: { message: 'no shelf' } },
    ]);
  });
});

describe('trap 9: records that are dropped while the run is green', () => {
  it('are tried first in the next run, until they are taken', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(36_000)));
    supplier.put(broken('2', ago(36_000)));
    supplier.put(row('3', ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();

    const second = await rig.run();
    // corrected without a new time: no increment would find it
    supplier.put(row('2', ago(36_000)));
    const third = await rig.run();

    expect(rig.counted).toMatchObject({ SyncRecordsParked: 2 });
    expect(second).toMatchObject({ status: 'partial', counts: { parked: 1 } });
    expect(third).toMatchObject({ status: 'succeeded', counts: { parked: 0, created: 1 } });
    expect(supplier.calls.filter(({ kind }) => kind === 'get')).toHaveLength(2);
    expect((await rig.sync.store.parked(KEY)).items).toStrictEqual([]);
  });

  it('can be skipped: the record stays as it is', async () => {
    const supplier = supplierOf();
    supplier.put(broken('2', ago(36_000)));
    supplier.put(row('3', ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();

    await rig.sync.skip('supplier', '2', { by: 'kim' });

    expect(await rig.run()).toMatchObject({ status: 'succeeded' });
    await expect(rig.sync.skip('supplier', '2', { by: 'kim' })).rejects.toMatchObject({ code: 'SYNC_COMMAND_REFUSED' });
  });
});

describe('trap 10: a fault of the provider that looks like bad records', () => {
  it('ends the run after ten in a row: none is parked, and the cursor stays', async () => {
    const supplier = supplierOf(5);
    supplier.put(row('000', ago(3601)));
    for (let index = 1; index < 5; index++) supplier.put(row(`00${index}`, ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();
    for (let index = 10; index < 30; index++) supplier.put(broken(`0${index}`, ago(1800)));
    // a page of its own would be a large share: only the row counts
    const wide: ChangeSource = { ...supplier, pages: supplierAsOnePage(supplier.rows) };
    const again = createSyncRig(productSync, { sources: { supplier: wide } });

    const run = await again.run();

    expect(run).toMatchObject({ status: 'failed', reason: { code: 'SYNC_SYSTEMIC' } });
    expect((await again.sync.store.parked(KEY)).items).toStrictEqual([]);
    expect((await again.sync.store.readScope(INCREMENT)).position).toBeUndefined();
    expect(again.changes()).toHaveLength(5);
  });

  it('counts a row of faults over several pages', async () => {
    const supplier = supplierOf(4);
    for (let index = 10; index < 22; index++) supplier.put(broken(`${index}`, ago(1800)));
    const rig = createSyncRig(productSync, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({
      status: 'failed',
      reason: { code: 'SYNC_SYSTEMIC', message: expect.stringContaining('10 records in a row cannot be taken') },
    });
  });

  it('ends the run at a fifth of a page', async () => {
    const supplier = supplierOf();
    for (let index = 0; index < 25; index++) {
      const sku = String(index).padStart(2, '0');
      supplier.put(index % 5 === 0 ? broken(sku, ago(3600)) : row(sku, ago(3600)));
    }
    const rig = createSyncRig(productSync, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({ status: 'failed', reason: { code: 'SYNC_SYSTEMIC' } });
    expect((await rig.sync.store.parked(KEY)).items).toStrictEqual([]);
  });
});

/** All rows in one page, in their order. */
function supplierAsOnePage(rows: () => readonly Row[]): ChangeSource['pages'] {
  return async function* pages() {
    yield {
      changes: rows()
        .toSorted((a, b) => (a.MODIFIED < b.MODIFIED ? -1 : 1))
        .map(upsert),
      last: true,
    };
  };
}

describe('trap 11: a provider that throttles', () => {
  it('defers the run for as long as it asks, and costs neither progress nor a failure', async () => {
    const supplier = supplierOf(1);
    for (const sku of ['1', '2', '3']) supplier.put(row(sku, ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.request();
    supplier.failNext(new ExternalThrottledError('supplier', 77));

    expect(await rig.deliver(rig.next())).toBe('deferred');
    expect(rig.waits).toStrictEqual([77]);
    expect(rig.lastError).toMatchObject({ code: 'EXTERNAL_THROTTLED' });
    expect(await rig.runsOf(KEY)).toMatchObject([{ status: 'waiting', reason: { code: 'EXTERNAL_THROTTLED' } }]);
    for (let times = 0; times < 9; times++) supplier.failNext(new ExternalThrottledError('supplier', 1));
    await rig.drain();

    expect(await rig.runsOf(KEY)).toMatchObject([{ status: 'succeeded', counts: { created: 3 } }]);
  });

  it('ends the run after some failures without an answer, and goes on where it was', async () => {
    const supplier = supplierOf(1);
    supplier.put(row('1', ago(3600)));
    supplier.put(row('2', ago(3599)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    for (let times = 0; times < 6; times++)
      supplier.failNext(new ExternalUnavailableError('supplier', 'it returned 503'));

    const failed = await rig.run();
    const next = await rig.run();

    expect(failed).toMatchObject({ status: 'failed', reason: { code: 'EXTERNAL_UNAVAILABLE' } });
    expect(rig.waits).toStrictEqual([30, 60, 120, 240, 480]);
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 2 } });
  });
});

describe('trap 12: overlapping runs of one subscription', () => {
  /** Holds the first reader of a page until it is let go. */
  const gated = () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    let readers = 0;
    const source: ChangeSource = {
      ...supplier,
      async *pages(request) {
        if (++readers === 1) {
          reached.resolve();
          await gate.promise;
        }
        yield* supplier.pages(request);
      },
    };
    return { source, open: gate.resolve, reached: reached.promise, readers: () => readers };
  };

  it('do not happen: the second execution waits for the lease', async () => {
    const { source, open, reached, readers } = gated();
    const rig = createSyncRig(productSync, { sources: { supplier: source } });
    await rig.request();
    const event = rig.next();
    const first = rig.deliver(event);
    await reached;

    expect(await rig.deliver(event)).toBe('deferred');
    expect(rig.lastError).toMatchObject({ code: 'SYNC_BUSY', retryAfterSeconds: 90 });
    expect(readers()).toBe(1);
    open();
    expect(await first).toBe('handled');
  });

  it('leave nothing behind: who comes back after its lease is fenced, and each change has one event', async () => {
    const { source, open, reached } = gated();
    const rig = createSyncRig(productSync, { sources: { supplier: source } });
    await rig.request();
    const event = rig.next();
    const frozen = rig.deliver(event);
    await reached;
    rig.clock.advance(90_001);

    expect(await rig.deliver(event)).toBe('handled');
    open();
    expect(await frozen).toBe('deferred');
    expect(rig.lastError).toMatchObject({ code: 'SYNC_FENCED' });
    expect(rig.changes()).toStrictEqual(['created 1']);
    expect(await rig.runsOf(KEY)).toMatchObject([{ status: 'succeeded', counts: { created: 1 } }]);
  });

  it('decide a record anew if another execution wrote it between', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(600), { NET: 3 }));
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    let finds = 0;
    const rig = createSyncRig(productSync, {
      sources: { supplier },
      async onFind() {
        if (++finds > 1) return;
        reached.resolve();
        await gate.promise;
      },
    });
    await rig.request();
    const slow = rig.deliver(rig.next());
    await reached.promise;
    await rig.carry({ kind: 'upsert', externalId: '1', raw: row('1', ago(600), { NET: 3 }) });
    const carried = rig.due().at(-1);
    expect(carried && (await rig.deliver(carried))).toBe('handled');
    gate.resolve();

    expect(await slow).toBe('handled');
    expect(rig.changes()).toStrictEqual(['created 1']);
  });

  it('are not asked for: a request while a run is under way is that run', async () => {
    const supplier = supplierOf(1);
    for (const sku of ['1', '2']) supplier.put(row(sku, ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier }, sliceMs: 0 });
    await rig.request();
    await rig.deliver(rig.next());
    await rig.request();
    const second = rig.memory.events.map(({ body }) => parseEvent(body)).at(-1);
    const asked = supplier.calls.length;
    expect(second && (await rig.deliver(second))).toBe('handled');
    expect(supplier.calls).toHaveLength(asked);
    await rig.drain();

    expect(await rig.runsOf(KEY)).toHaveLength(1);
    expect(rig.changes()).toStrictEqual(['created 1', 'created 2']);
  });
});

describe('trap 14: an older webhook, and changes of one second', () => {
  it('changes nothing if it is older than what is known', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(600), { NET: 3 }));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();

    await rig.carry({ kind: 'upsert', externalId: '1', raw: row('1', ago(900), { NET: 2 }) });
    await rig.drain();

    expect(rig.changes()).toStrictEqual(['created 1']);
    expect(rig.catalog()).toMatchObject([{ price: 300 }]);
  });

  it('asks the source if versions tie, or if there is none', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(600), { NET: 3 }));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();

    await rig.carry({ kind: 'upsert', externalId: '1', raw: row('1', ago(600), { NET: 2 }) });
    await rig.drain();
    expect(rig.catalog()).toMatchObject([{ price: 300 }]);
    await rig.carry({ kind: 'delete', externalId: '1' });
    await rig.drain();
    expect(rig.catalog()).toHaveLength(1);
    supplier.delete('1');
    await rig.carry({ kind: 'delete', externalId: '1' });
    await rig.drain();

    expect(rig.catalog()).toStrictEqual([]);
    expect(rig.changes()).toStrictEqual(['created 1', 'deleted 1']);
  });

  it('takes a newer one, with its provenance, once', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(600)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();
    const newer = { kind: 'upsert', externalId: '1', raw: row('1', ago(300), { NET: 7 }) } as const;

    await rig.carry(newer);
    await rig.carry(newer, { trigger: 'stream' });
    await rig.drain();

    expect(rig.changes()).toStrictEqual(['created 1', 'updated 1']);
    const runs = await rig.runsOf(KEY);
    expect(runs.filter(({ mode }) => mode === 'change')).toMatchObject([
      { trigger: 'webhook', counts: { updated: 1 } },
    ]);
    expect(rig.applied.at(-1)).toMatchObject({ origin: 'webhook', changed: ['price'], before: { price: 100 } });
  });

  it('starts a run where the source cannot be asked', async () => {
    const { get: _get, enumerate: _enumerate, ...supplier } = createMemorySource<Row>({ id: 'SKU', field: 'MODIFIED' });
    const definition = defineSync({
      ...{ name: 'products', entity: 'product', schema: product },
      providers: {
        supplier: detect({ schema: rowSchema, id: 'SKU', cursor: { kind: 'timestamp', field: 'MODIFIED' }, mapping }),
      },
    });
    const rig = createSyncRig(definition, { sources: { supplier } });
    supplier.put(row('1', ago(600)));

    await rig.carry({ kind: 'upsert', externalId: '1' });
    await rig.drain();

    expect(rig.changes()).toStrictEqual(['created 1']);
    expect(await rig.runsOf(KEY)).toMatchObject([{ mode: 'increment', trigger: 'webhook' }]);
  });
});

describe('trap 15: our own changes that come back', () => {
  const withWritten = async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(6000)));
    const rig = createSyncRig(productSync, { sources: { supplier } });
    await rig.run();
    const localId = rig.applied[0]?.localId ?? '';
    const ours: Row = row('1', ago(600), { NET: 8 });
    await rig.outbox.transact((tx) =>
      rig.sync.wrote(tx, {
        provider: 'supplier',
        externalId: '1',
        localId,
        fields: { sku: '1', name: 'Lamp 1', price: 800 },
      }),
    );
    return { rig, supplier, ours };
  };

  it('have no effect, once; the same values after another change have', async () => {
    const { rig, supplier, ours } = await withWritten();
    supplier.put(ours);
    const echo = await rig.run();
    supplier.put(row('1', ago(500), { NET: 9 }));
    await rig.run();
    supplier.put(row('1', ago(400), { NET: 8 }));
    await rig.run();

    expect(echo).toMatchObject({ counts: { echoes: 1, updated: 0 } });
    expect(rig.changes()).toStrictEqual(['created 1', 'updated 1', 'updated 1']);
    expect(rig.counted).toMatchObject({ SyncEchoesSuppressed: 1 });
  });

  it('are known for a day, and counted as a near miss after it', async () => {
    const early = await withWritten();
    early.rig.clock.advance(24 * 3600 * 1000);
    early.supplier.put(early.ours);
    const late = await withWritten();
    late.rig.clock.advance(24 * 3600 * 1000 + 1);
    late.supplier.put(late.ours);

    expect(await early.rig.run()).toMatchObject({ counts: { echoes: 1, updated: 0 } });
    expect(await late.rig.run()).toMatchObject({ counts: { echoes: 0, updated: 1 } });
    expect(late.rig.counted).toMatchObject({ SyncNearMisses: 1 });
  });

  it('make no second entity of a record that we made there', async () => {
    const supplier = supplierOf();
    const rig = createSyncRig(productSync, { sources: { supplier } });
    const fields = { sku: 'new', name: 'Lamp new', price: 100 };
    await rig.outbox.transact((tx) =>
      rig.sync.wrote(tx, { provider: 'supplier', externalId: 'new', localId: 'ours', fields }),
    );
    supplier.put(row('new', ago(600)));

    await rig.run();
    supplier.put(row('new', ago(500), { NET: 2 }));
    await rig.products.put({ Item: { localId: 'ours', entity: fields } });
    await rig.run();

    expect(rig.applied).toMatchObject([{ kind: 'updated', localId: 'ours', entity: { price: 200 } }]);
  });
});
