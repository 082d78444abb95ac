import { describe, expect, it } from 'vitest';
import { defineSync, detect } from '../../../lib/definitions/index.ts';
import {
  ExternalRequestRejectedError,
  ExternalThrottledError,
  ExternalUnavailableError,
} from '../../../lib/resilience/errors.ts';
import { defineOutbound } from '../../../lib/sync/outbound-definition.ts';
import { printLifetimeMs } from '../../../lib/sync/written.ts';
import { createMemoryWriter } from '../../../lib/testing/memory-writer.ts';
import {
  ago,
  createSyncRig,
  mapping,
  type Product,
  ProductEdited,
  product,
  type RigOptions,
  type Row,
  row,
  rowSchema,
  supplierOf,
} from './sync-rig.ts';

const KEY = { sync: 'products', provider: 'supplier' };

const definitionOf = (ownership: Readonly<Record<string, readonly ('local' | 'supplier')[]>> = {}) =>
  defineSync({
    ...{ name: 'products', entity: 'product', schema: product, ownership },
    match: ({ sku }) => sku,
    providers: {
      supplier: detect({
        schema: rowSchema,
        id: 'SKU',
        cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
        outbound: true,
        mapping,
      }),
    },
  });

interface ShopOptions extends Pick<RigOptions<ReturnType<typeof definitionOf>>, 'changedAt' | 'onFind'> {
  readonly ownership?: Readonly<Record<string, readonly ('local' | 'supplier')[]>>;
  /** The writer compares and returns versions. */
  readonly versions?: boolean;
  readonly canGet?: boolean;
}

/** A supplier that is read and written, with one product that both sides have. */
async function createShop({ ownership, versions = false, canGet = true, ...options }: ShopOptions = {}) {
  const definition = definitionOf(ownership);
  const supplier = supplierOf();
  let seconds = 600;
  const writer = createMemoryWriter<Product, Row>({
    ...{ source: supplier, id: 'SKU', label: 'supplier' },
    rowOf: ({ sku, name, price }) => ({ SKU: sku, NAME: name, NET: price / 100, MODIFIED: ago(--seconds) }),
    ...(versions && { version: 'MODIFIED' as const }),
  });
  const to = defineOutbound(definition, {
    provider: 'supplier',
    events: [ProductEdited],
    localId: ({ data }) => data.localId,
  });
  const { get: _get, ...withoutGet } = supplier;
  const rig = createSyncRig(definition, {
    sources: { supplier: canGet ? supplier : withoutGet },
    outbound: { to, writer },
    ...options,
  });
  supplier.put(row('1', ago(6000)));
  await rig.run();
  const localId = rig.applied[0]?.localId ?? '';
  const price = async (cents: number) => {
    await rig.edit(localId, { sku: '1', name: 'Lamp 1', price: cents });
  };
  /** The supplier itself changes its row. */
  const theirs = (net: number, more: Partial<Row> = {}) =>
    supplier.put(row('1', ago(--seconds), { NET: net, ...more }));
  return { rig, supplier, writer, localId, price, theirs };
}

describe('a change of ours', () => {
  it('is written with what differs, an idempotency key and the version that is known', async () => {
    const { rig, supplier, writer, localId, price } = await createShop();

    await price(250);
    await rig.drain();

    expect(supplier.rows()).toMatchObject([{ SKU: '1', NET: 2.5 }]);
    expect(writer.calls).toMatchObject([{ kind: 'update', externalId: '1', changed: ['price'] }]);
    expect(writer.calls[0]?.idempotencyKey).toMatch(/\/supplier\/1$/);
    expect(rig.counted).toMatchObject({ SyncChangesWritten: 1 });
    const written = (await rig.runsOf(KEY)).at(-1);
    expect(written).toMatchObject({ mode: 'outbound', trigger: 'outbound', status: 'succeeded' });
    expect(await rig.itemsOf({ runId: written?.runId ?? '' })).toMatchObject([
      { externalId: '1', localId, outcome: 'written', changed: ['price'], origin: 'outbound' },
    ]);
  });

  it('is not written if the provider has it, because it came from there or was written before', async () => {
    const { rig, writer, localId, price } = await createShop();
    await price(250);
    await price(250);
    await rig.outbox.transact((tx) => tx.publish(ProductEdited, { localId: 'unknown' }));
    await rig.drain();

    expect(writer.calls).toHaveLength(1);
    await rig.edit(localId, { sku: '1', name: 'Lamp 1', price: 100 });
    await rig.drain();
    // what was written counts, although the supplier has not returned it yet
    expect(writer.effects.map(({ changed }) => changed)).toStrictEqual([['price'], ['price']]);
  });

  it('is written without the fields that the provider owns', async () => {
    const { rig, supplier, writer, localId } = await createShop({ ownership: { name: ['supplier', 'local'] } });

    await rig.edit(localId, { sku: '1', name: 'Ours', price: 250 });
    await rig.drain();

    expect(writer.calls).toMatchObject([{ changed: ['price'] }]);
    expect(supplier.rows()).toHaveLength(1);
  });

  it('creates the record at the provider, and deletes it, each without a second entity', async () => {
    const { rig, supplier, writer } = await createShop();
    await rig.edit('ours', { sku: 'new', name: 'Lamp new', price: 500 });
    await rig.drain();
    await rig.run();

    expect(supplier.rows()).toMatchObject([{ SKU: '1' }, { SKU: 'new', NET: 5 }]);
    expect(rig.changes()).toStrictEqual(['created 1']);
    supplier.put(row('new', ago(300), { NET: 6 }));
    await rig.run();
    expect(rig.applied.at(-1)).toMatchObject({ kind: 'updated', localId: 'ours', entity: { price: 600 } });

    await rig.edit('ours', undefined);
    await rig.drain();
    await rig.run();
    expect(supplier.rows()).toMatchObject([{ SKU: '1' }]);
    expect(writer.effects.map(({ kind }) => kind)).toStrictEqual(['create', 'remove']);
    expect(rig.changes()).toStrictEqual(['created 1', 'updated new']);
    expect(await rig.sync.store.readMatch('product', 'new')).toBeUndefined();
  });

  it('finds its entity if it comes back before its answer is stored', async () => {
    const { rig, supplier, writer } = await createShop();
    await rig.edit('ours', { sku: 'new', name: 'Lamp new', price: 500 });
    writer.loseNext(new ExternalUnavailableError('supplier', 'the connection ended'));
    const [edited] = rig.due();

    expect(edited && (await rig.deliver(edited))).toBe('failed');
    const created = supplier.rows().at(-1);
    await rig.carry({ kind: 'upsert', externalId: 'new', raw: created });
    const [, carried] = rig.due();
    expect(carried && (await rig.deliver(carried))).toBe('handled');
    expect(edited && (await rig.deliver(edited))).toBe('handled');

    expect(rig.changes()).toStrictEqual(['created 1']);
    expect(await rig.sync.store.readEntity('product', 'ours')).toMatchObject({ records: { supplier: 'new' } });
    expect(writer.effects).toHaveLength(1);
  });
});

describe('an answer that is lost after the write', () => {
  it.each(['answer', 'commit'] as const)(
    '(%s) leads to the same request with the same key, and to one effect',
    async (lost) => {
      const { rig, supplier, writer, localId, price } = await createShop();
      await price(250);
      if (lost === 'answer') writer.loseNext(new ExternalUnavailableError('supplier', 'the connection ended'));
      // after the request is stored, before it is settled
      else rig.crash(1);
      const [first] = rig.due();
      expect(first && (await rig.deliver(first))).toBe(lost === 'answer' ? 'failed' : 'crashed');
      rig.crash(Number.POSITIVE_INFINITY);
      // the entity changes before the next attempt
      await rig.edit(localId, { sku: '1', name: 'Lamp 1', price: 300 });

      await rig.drain();

      expect(writer.calls.map(({ idempotencyKey }) => idempotencyKey)).toHaveLength(3);
      expect(writer.calls[1]).toStrictEqual(writer.calls[0]);
      expect(writer.effects).toHaveLength(2);
      expect(supplier.rows()).toMatchObject([{ NET: 3 }]);
      rig.clock.advance(600_000);
      await rig.run();
      expect(rig.changes()).toStrictEqual(['created 1']);
      expect(rig.catalog()).toMatchObject([{ price: 300 }]);
    },
  );

  it('is settled by the next event of the entity, if its own will not be tried again', async () => {
    const { rig, writer, price, supplier } = await createShop();
    await price(250);
    writer.loseNext(new ExternalUnavailableError('supplier', 'the connection ended'));
    const [skipped] = rig.due();
    if (skipped === undefined) throw new Error('an event is due');
    await rig.deliver(skipped);
    rig.forget(skipped);
    await price(300);
    const [next] = rig.due();

    // another execution may be sending it
    expect(next && (await rig.deliver(next))).toBe('deferred');
    expect(rig.lastError).toMatchObject({ code: 'SYNC_BUSY', retryAfterSeconds: 90 });
    rig.clock.advance(90_000);
    await rig.drain();

    expect(writer.calls[1]).toStrictEqual(writer.calls[0]);
    expect(writer.effects).toHaveLength(2);
    expect(supplier.rows()).toMatchObject([{ NET: 3 }]);
  });
});

describe('a provider that does not take a change', () => {
  it('defers the event if it throttles, and sends the same again', async () => {
    const { rig, writer, price } = await createShop();
    writer.failNext(new ExternalThrottledError('supplier', 33));
    await price(250);
    await rig.drain();

    expect(rig.waits).toStrictEqual([33]);
    expect(writer.calls[1]).toStrictEqual(writer.calls[0]);
  });

  it('refuses the request itself: it is no longer kept, and the next one is decided anew', async () => {
    const { rig, writer, localId, price } = await createShop();
    writer.failNext(new ExternalRequestRejectedError('supplier', 422, 'price too high'));
    await price(99_999);
    const [event] = rig.due();

    expect(event && (await rig.deliver(event))).toBe('failed');
    expect(await rig.sync.store.readOutgoing(KEY, localId)).toBeUndefined();
    await rig.edit(localId, { sku: '1', name: 'Lamp 1', price: 250 });
    await rig.drain();
    expect(writer.effects).toHaveLength(1);
  });
});

describe('an echo', () => {
  it('is suppressed once: as a webhook, and again in a run, it changes nothing', async () => {
    const { rig, supplier, price } = await createShop();
    await price(250);
    await rig.drain();
    const echo = supplier.rows()[0];

    await rig.carry({ kind: 'upsert', externalId: '1', raw: echo });
    await rig.carry({ kind: 'upsert', externalId: '1', raw: echo });
    await rig.drain();
    rig.clock.advance(600_000);
    await rig.run();

    expect(rig.counted).toMatchObject({ SyncEchoesSuppressed: 1 });
    expect(rig.changes()).toStrictEqual(['created 1']);
  });

  it('does not hide a real change to the values of an older write', async () => {
    const { rig, price, theirs } = await createShop();
    await price(250);
    await rig.drain();
    await price(300);
    await rig.drain();
    // both echoes have passed unseen, and then the supplier sets the older price
    theirs(2.5);
    rig.clock.advance(600_000);
    await rig.run();

    expect(rig.catalog()).toMatchObject([{ price: 250 }]);
    expect(rig.changes()).toStrictEqual(['created 1', 'updated 1']);
  });

  it('does not hide that the supplier has put back what was before the write', async () => {
    const { rig, price, theirs } = await createShop();
    await price(250);
    await rig.drain();
    theirs(1);
    rig.clock.advance(600_000);
    await rig.run();

    expect(rig.catalog()).toMatchObject([{ price: 100 }]);
  });

  it('needs no print where the writer returns the version', async () => {
    const { rig, price, theirs } = await createShop({ versions: true });
    await price(250);
    await rig.drain();
    rig.clock.advance(600_000);
    const echo = await rig.run();
    theirs(1);
    theirs(2.5);
    await price(300);
    await rig.drain();

    expect(echo).toMatchObject({ counts: { unchanged: 1, echoes: 0, updated: 0 } });
    expect(rig.changes()).toStrictEqual(['created 1']);
    expect(rig.counted['SyncNearMisses']).toBeUndefined();
  });

  it('lives for a day, or for two intervals and the lag of a provider that is read more rarely', async () => {
    const { rig, price } = await createShop();
    await price(250);
    await rig.drain();
    const at = rig.clock.now();

    const record = await rig.sync.store.readRecord(KEY, '1');
    expect(record?.shadow?.prints.map(({ until }) => until - at)).toStrictEqual([24 * 3600 * 1000]);
    expect(printLifetimeMs({ cursor: { kind: 'timestamp', field: 'M', lagSeconds: 60 }, everyMinutes: 1440 })).toBe(
      2 * 1440 * 60_000 + 60_000,
    );
  });
});

describe('a conflict', () => {
  it('is told by a provider that compares versions: theirs is taken first, then what still differs is written', async () => {
    const { rig, supplier, writer, price, theirs } = await createShop({
      versions: true,
      ownership: { price: ['local'], name: ['supplier'] },
    });
    theirs(9, { NAME: 'Theirs' });
    await price(250);
    await rig.drain();

    expect(supplier.rows()).toMatchObject([{ NAME: 'Theirs', NET: 2.5 }]);
    expect(rig.catalog()).toMatchObject([{ name: 'Theirs', price: 250 }]);
    expect(new Set(writer.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
    expect(rig.counted).toMatchObject({ SyncConflicts: 1, SyncChangesWritten: 1 });
  });

  it('is decided by ownership: ours is written again when a run finds that it was changed there', async () => {
    const { rig, supplier, theirs } = await createShop({ ownership: { price: ['local'] } });
    theirs(9);
    await rig.run();
    await rig.drain();

    expect(rig.catalog()).toMatchObject([{ price: 100 }]);
    expect(supplier.rows()).toMatchObject([{ NET: 1 }]);
    expect(rig.changes()).toStrictEqual(['created 1']);
  });

  it('is decided by the version if nobody owns the field, and counted', async () => {
    const ours = await createShop({ changedAt: async () => ago(1) });
    const theirs = await createShop({ changedAt: async () => ago(1000) });
    for (const shop of [ours, theirs]) {
      shop.theirs(9);
      await shop.price(250);
      const edited = shop.rig.due().find(({ type }) => type === ProductEdited.type);
      await shop.rig.request();
      // the run comes first
      const run = shop.rig.due().find(({ id }) => id !== edited?.id);
      expect(run && (await shop.rig.deliver(run))).toBe('handled');
      await shop.rig.drain();
    }

    expect(ours.rig.catalog()).toMatchObject([{ price: 250 }]);
    expect(ours.supplier.rows()).toMatchObject([{ NET: 2.5 }]);
    expect(ours.rig.counted).toMatchObject({ SyncConflicts: 1 });
    expect(theirs.rig.catalog()).toMatchObject([{ price: 900 }]);
    expect(theirs.supplier.rows()).toMatchObject([{ NET: 9 }]);
    expect(theirs.rig.counted).toMatchObject({ SyncConflicts: 1 });
    expect(theirs.writer.calls).toStrictEqual([]);
  });

  it('waits for a run if the source cannot be asked for the record', async () => {
    const { rig, price, theirs } = await createShop({ versions: true, canGet: false });
    theirs(9);
    await price(250);
    const [event] = rig.due();

    expect(event && (await rig.deliver(event))).toBe('deferred');
    expect(rig.lastError).toMatchObject({ code: 'SYNC_CONFLICT', retryAfterSeconds: 60 });
    await rig.run();

    expect(rig.catalog()).toMatchObject([{ price: 900 }]);
  });
});

describe('defineOutbound', () => {
  it('needs a provider that is declared for it, and a match if the writer creates records', () => {
    const closed = defineSync({
      ...{ name: 'products', entity: 'product', schema: product },
      providers: {
        supplier: detect({ schema: rowSchema, id: 'SKU', cursor: { kind: 'opaque' }, mapping }),
        other: detect({ schema: rowSchema, id: 'SKU', cursor: { kind: 'opaque' }, mapping, outbound: true }),
      },
    });
    const props = { events: [ProductEdited], localId: () => undefined } as const;

    expect(() => defineOutbound(closed, { ...props, provider: 'supplier' })).toThrow(
      "provider 'supplier' of sync 'products' must be declared with 'outbound: true' in its 'detect'",
    );
    // @ts-expect-error: no such provider
    expect(() => defineOutbound(closed, { ...props, provider: 'suplier' })).toThrow(
      "provider 'suplier' is none of sync 'products', which has 'supplier', 'other'",
    );
    const to = defineOutbound(closed, { ...props, provider: 'other' });
    expect(to.subscription).toMatchObject({ name: 'sync-products-to-other', claim: 'before' });
    const supplier = supplierOf();
    const writer = createMemoryWriter<Product, Row>({ source: supplier, id: 'SKU', rowOf: () => row('1', ago(1)) });
    expect(() => createSyncRig(closed, { sources: { supplier, other: supplier }, outbound: { to, writer } })).toThrow(
      "the writer of 'other' has 'create', so the definition needs 'match'",
    );
  });
});
