import { describe, expect, it } from 'vitest';
import type { StoredRecord } from 'waybill/sync';
import type { EpochMs } from '../../../../../lib/shared/time.ts';
import { CATALOG, type Product } from '../../../functions/catalog/product.ts';
import {
  type Article,
  createAssortment,
  createSupplierClock,
  gtinOf,
} from '../../../local/external/suppliers/assortment.ts';
import { createStockList } from '../../../local/external/suppliers/stock-list.ts';
import type { AccountFeeds } from '../../../local/external/suppliers/suppliers.ts';
import {
  checkCatalog,
  checkEchoes,
  checkEntitiesOnce,
  checkStockList,
  checkTokens,
} from '../../../local/invariants/catalog.ts';
import type { SyncItemOfRun, SyncRecord, SyncRun } from '../../../local/syncs/sync-facts.ts';

const tea: Article = { sku: 'TEA', name: 'Tea', price: { currency: 'GBP', minorUnits: 500 } };
const dearer = { ...tea, price: { currency: 'GBP', minorUnits: 700 } };

const feedsOf = (fill: (feeds: Pick<AccountFeeds, 'supplier-a' | 'supplier-b'>) => void): AccountFeeds[] => {
  const feeds = {
    account: undefined,
    'supplier-a': createAssortment(createSupplierClock()),
    'supplier-b': createAssortment(createSupplierClock()),
    stock: createStockList(createAssortment(createSupplierClock())),
    editor: { fill: () => undefined, step: () => undefined, rest: () => undefined },
  };
  fill(feeds);
  return [feeds];
};

const product = (more: Partial<Product> = {}) => ({
  tenantId: undefined,
  item: { catalog: CATALOG, version: 1, ...tea, ...more } as Product,
});

const record = (provider: string, externalId: string, more: Partial<StoredRecord> = {}): SyncRecord => ({
  tenantId: undefined,
  sync: 'products',
  provider,
  record: {
    externalId,
    row: undefined,
    matchKey: 'TEA',
    parked: undefined,
    seen: 0,
    revision: 1,
    shadow: {
      localId: 'TEA',
      version: 1,
      hash: '',
      fields: { sku: 'TEA' },
      changedAt: 0 as EpochMs,
      isDeleted: false,
      prints: [],
    },
    ...more,
  },
});

const parked = (provider: string, externalId: string) =>
  record(provider, externalId, {
    shadow: undefined,
    parked: { code: 'SYNC_ROW_INVALID', message: '', at: 0 as EpochMs, attempts: 1, triedIn: 'r', change: undefined },
  });

describe('the invariant of the catalog', () => {
  it("holds for supplier B's name and supplier A's price", () => {
    const feeds = feedsOf(({ 'supplier-a': a, 'supplier-b': b }) => {
      a.put(dearer);
      b.put(tea);
    });

    expect(checkCatalog([product({ price: dearer.price })], feeds, { records: [] })).toMatchObject({
      holds: true,
      detail: ['1 products sold, 0 withdrawn, 0 parked'],
    });
  });

  it.each<[string, Product[], string]>([
    ['a change that was lost', [product().item], "TEA is 'Tea' at 500 GBP; the suppliers have 'Tea' at 700 GBP"],
    ['a product that was lost', [], "TEA is not there; the suppliers have 'Tea' at 700 GBP"],
  ])('names %s', (_, products, wrong) => {
    const feeds = feedsOf(({ 'supplier-a': a, 'supplier-b': b }) => {
      a.put(dearer);
      b.put(tea);
    });

    const owned = products.map((item) => ({ tenantId: undefined, item }));
    expect(checkCatalog(owned, feeds, { records: [] })).toMatchObject({ holds: false, detail: [wrong] });
  });

  it('names a product that is still there after its supplier has removed it', () => {
    const feeds = feedsOf(({ 'supplier-a': a }) => {
      a.put(tea);
      a.remove('TEA');
    });

    expect(checkCatalog([product()], feeds, { records: [] }).detail).toStrictEqual([
      "TEA is 'Tea' at 500 GBP; the suppliers have not there",
    ]);
  });

  it('leaves out what cannot be read, and names what is parked without a reason', () => {
    const feeds = feedsOf(({ 'supplier-a': a, 'supplier-b': b }) => {
      a.put(tea, { isDrifted: true });
      b.put({ ...tea, sku: 'CUP' });
    });
    const records = [parked('supplier-a', 'TEA'), parked('supplier-b', gtinOf('CUP'))];

    expect(checkCatalog([], feeds, { records }).detail).toStrictEqual(['CUP of supplier B is parked, and is well']);
  });

  it('names what cannot be read and is not parked', () => {
    const feeds = feedsOf(({ 'supplier-a': a }) => a.put(tea, { isDrifted: true }));

    expect(checkCatalog([product({ name: 'TEA' })], feeds, { records: [] }).detail).toStrictEqual([
      'TEA of supplier A cannot be read, and is not parked',
    ]);
  });
});

describe('the invariant of entities', () => {
  it('holds where records of both suppliers are one product', () => {
    const records = [record('supplier-a', 'TEA'), record('supplier-b', gtinOf('TEA'))];

    expect(checkEntitiesOnce({ records })).toMatchObject({ holds: true, detail: ['2 records of 1 products'] });
  });

  it('names two records of one supplier that are the same product', () => {
    const records = [record('supplier-b', '1'), record('supplier-b', '2')];

    expect(checkEntitiesOnce({ records }).detail).toStrictEqual([
      '[null,"products","supplier-b","TEA"] has the records 1, 2',
    ]);
  });

  it('names a record that is another product than it says', () => {
    const other = record('supplier-a', 'TEA');
    const records = [{ ...other, record: { ...other.record, shadow: { ...other.record.shadow, localId: 'tea-2' } } }];

    expect(checkEntitiesOnce({ records: records as SyncRecord[] }).detail).toStrictEqual([
      'TEA of supplier-a is tea-2, and says TEA',
    ]);
  });
});

it('the invariant of tokens names those that were sent again', () => {
  expect(checkTokens({ burnt: () => 1, refreshed: () => 3 }).detail).toStrictEqual([
    '1 token was sent again after its use',
  ]);
  expect(checkTokens({ burnt: () => 0, refreshed: () => 3 })).toMatchObject({
    holds: true,
    detail: ['refreshed 3 times'],
  });
});

describe("the invariants of supplier B's stock list", () => {
  const stockOf = (available: number) => ({ stock: [{ tenantId: undefined, item: { sku: 'TEA', available } }] });

  it('hold where it lists what is on hand, and name what it does not', () => {
    const feeds = feedsOf(({ 'supplier-b': b }) => b.put(tea));
    const listing = feeds.map((each) => ({ ...each, stock: createStockList(each['supplier-b']) }));
    listing[0]?.stock.set('TEA', 7);

    expect(checkStockList(stockOf(7), [tea], listing)).toMatchObject({
      holds: true,
      detail: ['1 products, written 0 times'],
    });
    expect(checkStockList(stockOf(8), [tea], listing).detail).toStrictEqual(['TEA: 8 on hand, supplier B lists 7']);
  });

  it('name an echo that took effect', () => {
    const runs = [{ sync: 'stock', runId: 'r1', tenantId: undefined } as SyncRun];
    const item = (outcome: SyncItemOfRun['outcome']) =>
      ({ runId: 'r1', externalId: '1', outcome, tenantId: undefined }) as SyncItemOfRun;

    expect(checkEchoes({ runs, items: [item('echo')] })).toMatchObject({
      holds: true,
      detail: ['1 run over what was written'],
    });
    expect(checkEchoes({ runs, items: [item('updated')] }).detail).toStrictEqual(['1 was updated by supplier B']);
  });
});
