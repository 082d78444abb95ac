import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import type { RawItem, TableQuery, TableStore } from '../../../lib/tenancy/index.ts';

/** Visits of customers, in the order of their days; by shop, in the order of their numbers. */
export const VISITS_TABLE = {
  partitionKey: { name: 'customer', type: 'S' },
  sortKey: { name: 'day', type: 'S' },
  indexes: [
    { name: 'byShop', partitionKey: { name: 'shop', type: 'S' }, sortKey: { name: 'number', type: 'N' } },
    { name: 'byTill', partitionKey: { name: 'till', type: 'S' } },
  ],
} as const satisfies TableSchema;

const KEY = ['customer', 'day'];

const TABLE: Omit<TableQuery, 'partition'> = {
  tableName: 'visits',
  indexName: undefined,
  sort: { attribute: 'day', beginsWith: undefined },
  keyAttributes: KEY,
  limit: 100,
  startKey: undefined,
  newestFirst: false,
};

const of = (attribute: string, value: string) => ({ attribute, value: { S: value } });

const put = (item: Record<string, unknown>, condition?: string) => ({
  Put: {
    TableName: 'visits',
    Item: marshall(item),
    ...(condition !== undefined && { ConditionExpression: condition }),
  },
});

const days = (items: readonly RawItem[]) => items.map((item) => item['day']?.S);

/** @param create gives a store whose table `visits` is new */
export function describeTableStore(adapter: string, create: () => Promise<TableStore>): void {
  const withVisits = async () => {
    const store = await create();
    await store.write([
      put({ customer: 'ann', day: '2026-02-03', shop: 'north', number: 10 }),
      put({ customer: 'ann', day: '2026-01-09', shop: 'north', number: 9 }),
      put({ customer: 'ann', day: '2026-02-01', shop: 'south', number: 1 }),
      put({ customer: 'bob', day: '2026-01-01', shop: 'north', number: 100 }),
      put({ customer: 'bob', day: '2026-01-02' }),
    ]);
    return store;
  };

  describe(`TableStore contract: ${adapter}`, () => {
    it('gets an item by its whole key', async () => {
      const store = await withVisits();

      const found = await store.get('visits', marshall({ customer: 'bob', day: '2026-01-02' }));
      const missing = await store.get('visits', marshall({ customer: 'bob', day: '2026-01-03' }));

      expect(unmarshall({ ...found })).toStrictEqual({ customer: 'bob', day: '2026-01-02' });
      expect(missing).toBeUndefined();
    });

    it('gets a batch of items in the order of their keys, and nothing for a key without an item', async () => {
      const store = await withVisits();
      const keys = [
        { customer: 'bob', day: '2026-01-02' },
        { customer: 'ann', day: '2026-01-02' },
        { customer: 'ann', day: '2026-02-03' },
      ].map((key) => marshall(key));

      const found = await store.getBatch('visits', keys);

      expect(found.map((item) => item && unmarshall({ ...item }))).toStrictEqual([
        { customer: 'bob', day: '2026-01-02' },
        undefined,
        { customer: 'ann', day: '2026-02-03', shop: 'north', number: 10 },
      ]);
    });

    it('lists a partition in the order of its sort key, either way', async () => {
      const store = await withVisits();
      const partition = of('customer', 'ann');

      const oldest = await store.query({ ...TABLE, partition });
      const newest = await store.query({ ...TABLE, partition, newestFirst: true });

      expect(days(oldest.items)).toStrictEqual(['2026-01-09', '2026-02-01', '2026-02-03']);
      expect(days(newest.items)).toStrictEqual(['2026-02-03', '2026-02-01', '2026-01-09']);
      expect(oldest.lastKey).toBeUndefined();
    });

    it('lists the items with a sort key prefix', async () => {
      const store = await withVisits();

      const { items } = await store.query({
        ...TABLE,
        partition: of('customer', 'ann'),
        sort: { attribute: 'day', beginsWith: '2026-02' },
      });

      expect(days(items)).toStrictEqual(['2026-02-01', '2026-02-03']);
    });

    it.each([
      ['from a day on', { from: '2026-02-01' }, ['2026-02-01', '2026-02-03']],
      ['up to a day', { to: '2026-02-01' }, ['2026-01-09', '2026-02-01']],
      ['from a day to a day', { from: '2026-01-10', to: '2026-02-02' }, ['2026-02-01']],
      ['of one day', { from: '2026-02-01', to: '2026-02-01' }, ['2026-02-01']],
      ['up to the beginning of a day', { to: '2026-02' }, ['2026-01-09']],
      ['where there is nothing', { from: '2026-03', to: '2026-04' }, []],
    ])('lists the items %s, both ends included', async (_, { from, to }: { from?: string; to?: string }, expected) => {
      const store = await withVisits();
      const sort = {
        attribute: 'day',
        beginsWith: undefined,
        from: from === undefined ? undefined : { S: from },
        to: to === undefined ? undefined : { S: to },
      };

      const oldest = await store.query({ ...TABLE, partition: of('customer', 'ann'), sort });
      const newest = await store.query({ ...TABLE, partition: of('customer', 'ann'), sort, newestFirst: true });

      expect(days(oldest.items)).toStrictEqual(expected);
      expect(days(newest.items)).toStrictEqual(expected.toReversed());
    });

    it('lists numbers of an index by their value, not as text', async () => {
      const store = await withVisits();
      const query = { ...TABLE, indexName: 'byShop', partition: of('shop', 'north') };
      const numbers = async (from: string | undefined, to: string | undefined) => {
        const sort = {
          attribute: 'number',
          beginsWith: undefined,
          from: from === undefined ? undefined : { N: from },
          to: to === undefined ? undefined : { N: to },
        };
        const { items } = await store.query({ ...query, sort, keyAttributes: [...KEY, 'shop', 'number'] });
        return items.map((item) => item['number']?.N);
      };

      expect(await numbers('9.5', '100')).toStrictEqual(['10', '100']);
      expect(await numbers('-1', '9')).toStrictEqual(['9']);
      expect(await numbers('11', undefined)).toStrictEqual(['100']);
      expect(await numbers(undefined, '10')).toStrictEqual(['9', '10']);
    });

    it('compares strings of a range by their bytes', async () => {
      const store = await create();
      // of these U+FF01 has the smaller bytes, U+1F600 the smaller units of UTF-16
      for (const day of ['z', '\uff01', '\u{1f600}']) await store.write([put({ customer: 'eve', day })]);
      const sort = { attribute: 'day', beginsWith: undefined, from: { S: '\uff01' } };

      const { items } = await store.query({ ...TABLE, partition: of('customer', 'eve'), sort });

      expect(days(items)).toStrictEqual(['\uff01', '\u{1f600}']);
    });

    it('pages through a range and ends with it', async () => {
      const store = await withVisits();
      const sort = { attribute: 'day', beginsWith: undefined, from: { S: '2026-01-09' }, to: { S: '2026-02-02' } };
      const request = { ...TABLE, partition: of('customer', 'ann'), limit: 1, newestFirst: true, sort };

      const first = await store.query(request);
      const second = await store.query({ ...request, startKey: first.lastKey });
      const third = await store.query({ ...request, startKey: second.lastKey });

      expect([first, second, third].map(({ items }) => days(items))).toStrictEqual([
        ['2026-02-01'],
        ['2026-01-09'],
        [],
      ]);
      expect(third.lastKey).toBeUndefined();
    });

    it.each([
      ['oldest', false, ['2026-01-09', '2026-02-01', '2026-02-03']],
      ['newest', true, ['2026-02-03', '2026-02-01', '2026-01-09']],
    ])('reads pages from the %s on, to the last one', async (_, newestFirst, expected) => {
      const store = await withVisits();
      const request = { ...TABLE, partition: of('customer', 'ann'), limit: 2, newestFirst };

      const first = await store.query(request);
      const second = await store.query({ ...request, startKey: first.lastKey });

      expect(days([...first.items, ...second.items])).toStrictEqual(expected);
      expect(Object.keys(first.lastKey ?? {}).toSorted()).toStrictEqual(['customer', 'day']);
      expect(second.lastKey).toBeUndefined();
    });

    it('returns a key to continue from if a page is exactly full', async () => {
      const store = await withVisits();
      const request = { ...TABLE, partition: of('customer', 'bob'), limit: 2 };

      const full = await store.query(request);
      const empty = await store.query({ ...request, startKey: full.lastKey });

      expect(days(full.items)).toStrictEqual(['2026-01-01', '2026-01-02']);
      expect(unmarshall({ ...full.lastKey })).toStrictEqual({ customer: 'bob', day: '2026-01-02' });
      expect(empty).toStrictEqual({ items: [], lastKey: undefined });
    });

    it('continues after a deleted item', async () => {
      const store = await withVisits();
      const request = { ...TABLE, partition: of('customer', 'ann'), limit: 1 };

      const first = await store.query(request);
      await store.write([{ Delete: { TableName: 'visits', Key: marshall({ customer: 'ann', day: '2026-01-09' }) } }]);
      const second = await store.query({ ...request, startKey: first.lastKey });

      expect(days(second.items)).toStrictEqual(['2026-02-01']);
    });

    it('lists an index in the order of its numbers, and pages through it', async () => {
      const store = await withVisits();
      const request = {
        ...TABLE,
        indexName: 'byShop',
        partition: of('shop', 'north'),
        sort: { attribute: 'number', beginsWith: undefined },
        keyAttributes: [...KEY, 'shop', 'number'],
        limit: 2,
      };

      const first = await store.query(request);
      const second = await store.query({ ...request, startKey: first.lastKey });

      expect([...first.items, ...second.items].map((item) => item['number']?.N)).toStrictEqual(['9', '10', '100']);
      expect(Object.keys(first.lastKey ?? {}).toSorted()).toStrictEqual(['customer', 'day', 'number', 'shop']);
    });

    it('pages through an index without a sort key, each item once', async () => {
      const store = await create();
      await store.write(
        ['a', 'b', 'c', 'd', 'e'].map((customer) => put({ customer, day: '2026-01-01', till: 'first' })),
      );
      const request = {
        ...TABLE,
        indexName: 'byTill',
        partition: of('till', 'first'),
        sort: undefined,
        keyAttributes: [...KEY, 'till'],
        limit: 2,
      };

      const first = await store.query(request);
      const second = await store.query({ ...request, startKey: first.lastKey });
      const third = await store.query({ ...request, startKey: second.lastKey });

      const seen = [...first.items, ...second.items, ...third.items].map((item) => item['customer']?.S ?? '');
      expect(seen.toSorted()).toStrictEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('writes nothing if one condition does not hold', async () => {
      const store = await withVisits();
      const writes = [
        put({ customer: 'cid', day: '2026-01-01' }),
        put({ customer: 'bob', day: '2026-01-02' }, 'attribute_not_exists(customer)'),
      ];

      await expect(store.write(writes)).rejects.toMatchObject({
        code: 'OUTBOX_CONDITION_FAILED',
        message: 'the condition of write 1 failed; nothing was written',
      });

      expect(await store.get('visits', marshall({ customer: 'cid', day: '2026-01-01' }))).toBeUndefined();
    });
  });
}
