import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  type Addition,
  createViewReader,
  defineCounters,
  type StoredItem,
  viewOf,
} from '../../../lib/projection/index.ts';
import type { TenantQuery, TenantTableReader } from '../../../lib/tenancy/index.ts';
import { Closed, Moved, TURNOVER_VIEW } from './accounts.ts';
import { createRig } from './rig.ts';

/** One counter for each name. */
function createNamed(shards: number) {
  const projection = defineCounters({
    name: 'by-name',
    events: [Closed],
    view: TURNOVER_VIEW,
    parse: (item) => {
      const { day, times } = item as Readonly<Record<string, unknown>>;
      return [day, times];
    },
    shards,
    on: {
      'com.example.account.closed': ({ data }) => [
        { key: { currency: 'GBP', day: data.accountId }, amounts: { times: 1 } },
      ],
    },
  });
  const rig = createRig(projection);
  return {
    ...rig,
    projection,
    add: async (name: string) => rig.handle(await rig.publish(Closed, { accountId: name })),
    /** As older code, or this, has left it in the table. */
    store: (day: string, times: number, shard: number, asOf = '2026-11-20T06:00:00.000Z') => {
      const own = { viewGeneration: 1, viewAsOf: asOf, viewShard: shard };
      rig.tables.apply([{ Put: { TableName: 'view', Item: marshall({ currency: '1#GBP', day, times, ...own }) } }]);
    },
    storedKeys: () => rig.tables.items('view').map(({ day }) => day?.S),
    sums: async (query: Partial<TenantQuery> = {}) =>
      (await rig.reader.sums({ partition: 'GBP', ...query })).map(({ item }) => item),
  };
}

/** A table that answers no more than two items a page, and what it was asked. */
function createTwoByTwo(table: TenantTableReader<StoredItem>) {
  const asked: TenantQuery[] = [];
  const over = (inner: TenantTableReader<StoredItem>): TenantTableReader<StoredItem> => ({
    ...inner,
    query(query) {
      asked.push(query);
      return inner.query({ ...query, limit: 2 });
    },
    withSchema: (schema) => over(inner.withSchema(schema)),
  });
  return { asked, table: over(table) };
}

describe('an addition of 0', () => {
  const projection = defineCounters({
    name: 'turnover',
    events: [Moved],
    view: TURNOVER_VIEW,
    parse: (item) => item,
    on: {
      'com.example.account.moved': ({ data }): readonly Addition[] => [
        { key: { currency: 'GBP', day: 'a' }, amounts: { moved: data.amount, zero: 0 } },
        { key: { currency: 'GBP', day: 'b' }, amounts: { zero: 0 } },
      ],
    },
  });

  it('creates no counter and no item', async () => {
    const rig = createRig(projection);
    const event = await rig.publish(Moved, { accountId: 'a', amount: 5 });
    await rig.handle(event);
    const expected = [{ currency: 'GBP', day: 'a', moved: 5 }];

    expect((await rig.reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual(expected);
    expect(viewOf(projection, [event])).toStrictEqual(expected);
  });
});

describe('counters without a sort key', () => {
  it('have one sum for each partition', async () => {
    const projection = defineCounters({
      name: 'by-account',
      events: [Moved],
      view: { partitionKey: { name: 'id', type: 'S' } },
      parse: (item) => item,
      on: { 'com.example.account.moved': ({ data }) => [{ key: { id: data.accountId }, amounts: { times: 1 } }] },
    });
    const rig = createRig(projection);
    for (const accountId of ['a#1', 'b', 'a#1']) await rig.handle(await rig.publish(Moved, { accountId, amount: 1 }));

    expect((await rig.reader.sums({ partition: 'a#1' })).map(({ item }) => item)).toStrictEqual([
      { id: 'a#1', times: 2 },
    ]);
  });
});

describe('counters with one shard', () => {
  it('are stored without shards, except if their key looks like a shard of an older release', async () => {
    const { add, storedKeys, sums } = createNamed(1);
    for (const name of ['x', 'x#1', 'x#12', 'x#123', 'x#undefined']) await add(name);

    expect(storedKeys().toSorted()).toStrictEqual(['x', 'x#1\u00010', 'x#12\u00010', 'x#123', 'x#undefined']);
    expect(await sums()).toStrictEqual([
      ['x', 1],
      ['x#1', 1],
      ['x#12', 1],
      ['x#123', 1],
      ['x#undefined', 1],
    ]);
  });

  it('are not added to an older release’s shard of another item', async () => {
    const { add, store, sums } = createNamed(1);
    store('x#2', 10, 2);

    await add('x#2');

    expect(await sums()).toStrictEqual([
      ['x', 10],
      ['x#2', 1],
    ]);
  });
});

describe('sums of counters', () => {
  it('are returned in key order, even with shards of an older release in between', async () => {
    const { add, store, sums } = createNamed(3);
    store('x#2', 10, 2);

    await add('x!');

    expect(await sums()).toStrictEqual([
      ['x', 10],
      ['x!', 1],
    ]);
  });

  it('exclude old-format shards of other keys from a range query', async () => {
    const { add, store, sums } = createNamed(3);
    store('x#2', 10, 2);
    await add('x#');

    expect(await sums({ sortBeginsWith: 'x#' })).toStrictEqual([['x#', 1]]);
    expect(await sums({ sortFrom: 'x!' })).toStrictEqual([['x#', 1]]);
  });

  it('have the time of the last event in any of their shards', async () => {
    const { store, reader } = createNamed(3);
    store('a\u00010', 1, 0, '2026-11-20T08:00:00.000Z');
    store('a\u00011', 1, 1, '2026-11-20T07:00:00.000Z');
    store('b\u00010', 1, 0, '2026-11-20T07:00:00.000Z');
    store('b\u00011', 1, 1, '2026-11-20T08:00:00.000Z');

    expect(await reader.sums({ partition: 'GBP' })).toStrictEqual([
      { item: ['a', 2], asOf: '2026-11-20T08:00:00.000Z' },
      { item: ['b', 2], asOf: '2026-11-20T08:00:00.000Z' },
    ]);
  });

  it('are read from the range that can contain their shards, to its last page', async () => {
    const { add, projection, table, state } = createNamed(3);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await add(name);
    const { asked, table: twoByTwo } = createTwoByTwo(table);
    const reader = createViewReader({ projection, table: twoByTwo, state });

    const sums = await reader.sums({ partition: 'GBP', sortFrom: 'a', sortTo: 'e' });

    expect(sums.map(({ item }) => item)).toStrictEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
      ['d', 1],
      ['e', 1],
    ]);
    const page = { partition: '1#GBP', sortFrom: 'a', sortTo: 'e#99', limit: 1_000 };
    const next = { ...page, after: expect.any(String) };
    expect(asked).toStrictEqual([page, next, next]);
  });
});
