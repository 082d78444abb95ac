import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Article, Assortment } from '../../local/external/suppliers/assortment.ts';
import { gtinOf } from '../../local/external/suppliers/assortment.ts';
import { type SyncedShop, startSyncedShop } from './syncs/synced-shop.ts';

const TRAPS = Array.from({ length: 15 }, (_, index) => `trap-${index + 1}`);

/** Longer than the lag of the sync. */
const REST_SECONDS = 600;

let shop: SyncedShop;

// synthesized and started once; each trap has a tenant of its own
beforeAll(async () => {
  shop = await startSyncedShop(TRAPS);
});
afterAll(() => shop[Symbol.asyncDispose]());

const article = (number: number, more: Partial<Article> = {}): Article => ({
  sku: `TEA-${String(number).padStart(3, '0')}`,
  name: `Tea ${number}`,
  price: { currency: 'GBP', minorUnits: 500 + number },
  ...more,
});

/** Articles from 1 on, one a second. */
function fill(at: Assortment, count: number, secondsBetween = 1): void {
  for (let number = 1; number <= count; number++) {
    at.put(article(number));
    at.clock.advance(secondsBetween);
  }
  at.clock.advance(REST_SECONDS);
}

const skusOf = async (tenantId: string) => Object.keys(await shop.catalog(tenantId)).toSorted();
const skus = (count: number) => Array.from({ length: count }, (_, index) => article(index + 1).sku);

describe('the traps of syncs, in the stacks at work', () => {
  it('1: more rows of one second than a page holds are each taken once', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-1');
    fill(a, 60, 0);

    const run = await shop.sync('trap-1', 'supplier-a', 'increment');

    expect(run).toMatchObject({ status: 'succeeded', counts: { created: 60, updated: 0, parked: 0 } });
    expect(await skusOf('trap-1')).toStrictEqual(skus(60));
  });

  it('2: a row that appears under a time that was read is taken', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-2');
    fill(a, 4, 100);
    await shop.sync('trap-2', 'supplier-a', 'increment');

    // between the first two rows, 250 seconds before the last one
    a.put(article(5), { lateBySeconds: REST_SECONDS + 350 });
    await shop.sync('trap-2', 'supplier-a', 'increment');

    expect(await skusOf('trap-2')).toStrictEqual(skus(5));
  });

  it('3: times keep their own zone and precision, and what is too fresh is left for later', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-3');
    fill(a, 2);
    a.put(article(3));

    const first = await shop.sync('trap-3', 'supplier-a', 'increment');
    a.clock.advance(REST_SECONDS);
    const second = await shop.sync('trap-3', 'supplier-a', 'increment');

    expect(first.counts).toMatchObject({ created: 2, parked: 0 });
    expect(second.counts).toMatchObject({ created: 1, updated: 0 });
    const { records } = await shop.facts('trap-3');
    expect(records.map(({ record }) => record.shadow?.version)).toContain('2011-12-09T12:50:00+01:00');
  });

  it('4: a page that comes twice ends the run, and the next one reads the rest', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-4');
    fill(a, 60);
    shop.external.disturb('supplier-a', { kind: 'slow', delayMs: 0 }, 2);
    shop.external.disturb('supplier-a', { kind: 'repeat' });

    const stuck = await shop.sync('trap-4', 'supplier-a', 'increment');
    const next = await shop.sync('trap-4', 'supplier-a', 'increment');

    expect(stuck).toMatchObject({ status: 'failed', counts: { created: 25 }, reason: { code: 'SYNC_STUCK' } });
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 35 } });
  });

  it('5: rows that move while they are read hide no others', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-5');
    fill(a, 60);
    shop.external.disturb('supplier-a', { kind: 'slow', delayMs: 0 }, 2);
    shop.external.disturb('supplier-a', { kind: 'move' });

    const run = await shop.sync('trap-5', 'supplier-a', 'increment');

    expect(run).toMatchObject({ status: 'succeeded', counts: { created: 60 } });
  });

  it('6: a truncated page is not taken for the end', async () => {
    const { 'supplier-b': b } = await shop.connect('trap-6');
    shop.disturbTelling(...Array<'lost'>(40).fill('lost'));
    fill(b, 40);
    shop.external.disturb('supplier-b', { kind: 'truncate' });

    const cut = await shop.sync('trap-6', 'supplier-b', 'increment');
    const next = await shop.sync('trap-6', 'supplier-b', 'increment');

    expect(cut).toMatchObject({ status: 'failed', reason: { code: 'EXTERNAL_RESPONSE_INVALID' } });
    expect(next).toMatchObject({ status: 'succeeded' });
    expect(await skusOf('trap-6')).toStrictEqual(skus(40));
  });

  it('7: a partial enumeration deletes nothing, and many deletes wait for an approval', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-7');
    fill(a, 40);
    await shop.sync('trap-7', 'supplier-a', 'increment');
    a.remove(article(40).sku);
    shop.external.disturb('supplier-a', { kind: 'end-early' });

    const waiting = await shop.sync('trap-7', 'supplier-a', 'reconcile');
    await shop.approve(waiting);
    await shop.settle();

    expect(waiting).toMatchObject({ status: 'awaiting-approval', reason: { code: 'SYNC_APPROVAL_DUE' } });
    const { runs } = await shop.facts('trap-7');
    expect(runs.find(({ runId }) => runId === waiting.runId)).toMatchObject({
      status: 'succeeded',
      approvedBy: 'local-run',
      counts: { deleted: 1 },
    });
    expect(await skusOf('trap-7')).toStrictEqual(skus(39));
  });

  it('8 and 9: a bad record is parked, the run is partial, and the next one takes it first', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-8');
    a.put(article(1), { isDrifted: true });
    for (let number = 2; number <= 30; number++) a.put(article(number));
    a.clock.advance(REST_SECONDS);

    const partial = await shop.sync('trap-8', 'supplier-a', 'increment');
    const { records } = await shop.facts('trap-8');
    a.put(article(1));
    a.clock.advance(REST_SECONDS);
    const next = await shop.sync('trap-8', 'supplier-a', 'increment');

    expect(partial).toMatchObject({ status: 'partial', counts: { created: 29, parked: 1 } });
    expect(records.flatMap(({ record }) => record.parked ?? [])).toMatchObject([
      { code: 'SYNC_ROW_INVALID', message: expect.stringContaining('NET') },
    ]);
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 1, parked: 0 } });
    expect(await skusOf('trap-8')).toStrictEqual(skus(30));
  });

  it('10: a feed of another type parks nothing, and the cursor stays', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-10');
    fill(a, 20);
    shop.external.disturb('supplier-a', { kind: 'slow', delayMs: 0 });
    shop.external.disturb('supplier-a', { kind: 'drift' });

    const failed = await shop.sync('trap-10', 'supplier-a', 'increment');
    const { records } = await shop.facts('trap-10');
    const next = await shop.sync('trap-10', 'supplier-a', 'increment');

    expect(failed).toMatchObject({ status: 'failed', reason: { code: 'SYNC_SYSTEMIC' } });
    expect(records).toStrictEqual([]);
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 20 } });
  });

  it('11: a throttled run waits as long as it is asked to, and ends as one run', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-11');
    fill(a, 5);
    shop.external.disturb('supplier-a', { kind: 'throttle', retryAfterSeconds: 300 });

    const run = await shop.sync('trap-11', 'supplier-a', 'increment');

    expect(run).toMatchObject({ status: 'succeeded', slice: 1, counts: { created: 5 } });
    expect((run.endedAt ?? 0) - run.startedAt).toBeGreaterThanOrEqual(300_000);
  });

  it('12: runs of one subscription follow each other', async () => {
    const { 'supplier-a': a } = await shop.connect('trap-12');
    fill(a, 60);

    for (let times = 0; times < 3; times++) await shop.request('trap-12', 'supplier-a', 'increment');
    await shop.settle();

    const runs = (await shop.facts('trap-12')).runs.toSorted((one, other) => one.startedAt - other.startedAt);
    expect(runs.map(({ status }) => status)).toStrictEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(runs.map(({ counts }) => counts.created)).toStrictEqual([60, 0, 0]);
    const endsBeforeNext = runs.slice(1).map(({ startedAt }, index) => (runs[index]?.endedAt ?? 0) <= startedAt);
    expect(endsBeforeNext).toStrictEqual([true, true]);
  });

  it('13: an expired token is refreshed once, whoever needs it', async () => {
    const { 'supplier-b': b } = await shop.connect('trap-13');
    const { tokens } = shop.external.suppliers;
    const refreshedBefore = tokens.refreshed();
    shop.run.clock.advance(300_000);
    shop.disturbTelling('bare', 'bare', 'bare', 'bare', 'bare', 'bare');

    for (let number = 1; number <= 6; number++) b.put(article(number));
    await shop.sync('trap-13', 'supplier-b', 'increment');

    expect(tokens.burnt()).toBe(0);
    expect(tokens.refreshed()).toBeGreaterThan(refreshedBefore);
    expect(await skusOf('trap-13')).toStrictEqual(skus(6));
  });

  it('14: an older webhook changes nothing, and a repeated one neither', async () => {
    const { 'supplier-b': b } = await shop.connect('trap-14');
    shop.disturbTelling(undefined, 'older', 'duplicate');

    b.put(article(1));
    b.put(article(1, { name: 'Tea 1, new' }));
    b.put(article(2));
    await shop.settle();

    expect(await shop.catalog('trap-14')).toMatchObject({
      'TEA-001': { name: 'Tea 1, new', version: 2 },
      'TEA-002': { name: 'Tea 2', version: 1 },
    });
    const { items } = await shop.facts('trap-14');
    expect(items.map(({ externalId, outcome }) => `${externalId} ${outcome}`).toSorted()).toStrictEqual(
      [`${gtinOf('TEA-001')} created`, `${gtinOf('TEA-001')} updated`, `${gtinOf('TEA-002')} created`].toSorted(),
    );
  });

  it('15: what the shop writes has no effect when it comes back, and what the supplier counts is put right', async () => {
    const { 'supplier-b': b, stock } = await shop.connect('trap-15');
    const { sku } = article(1);
    b.put(article(1));
    await shop.syncStock('trap-15');

    await shop.receive('trap-15', { receiptId: 'r1', sku, quantity: 7 });
    const told = stock.pieces(sku);
    await shop.syncStock('trap-15');
    await shop.syncStock('trap-15');
    const writtenOnce = stock.written();
    stock.set(sku, 99);
    await shop.syncStock('trap-15');
    await shop.syncStock('trap-15');

    expect({ told, writtenOnce, listed: stock.pieces(sku), written: stock.written() }).toStrictEqual({
      ...{ told: 7, writtenOnce: 1, listed: 7, written: 2 },
    });
    const runs = (await shop.facts('trap-15')).runs.filter(
      ({ sync, mode }) => sync === 'stock' && mode === 'increment',
    );
    expect(runs.map(({ status, counts }) => [status, counts.updated, counts.deleted])).toStrictEqual(
      runs.map(() => ['succeeded', 0, 0]),
    );
    expect(runs).toHaveLength(5);
  });
});
