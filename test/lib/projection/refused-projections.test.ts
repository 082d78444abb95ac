import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, accounts, Moved, Opened, TURNOVER_VIEW, turnover } from './accounts.ts';

const KEY = { name: 'accountId', type: 'S' } as const;

const versioned = (version: number) =>
  defineProjection({
    name: 'odd',
    version,
    events: [Opened],
    view: ACCOUNTS_VIEW,
    parse: accounts.parse,
    keys: () => [],
    on: { 'com.example.account.opened': () => undefined },
  });

const withView = (view: TableSchema) =>
  defineProjection({
    name: 'odd',
    events: [Opened],
    view,
    parse: accounts.parse,
    keys: () => [],
    on: { 'com.example.account.opened': () => undefined },
  });

const counters = (shards: number, view: TableSchema = TURNOVER_VIEW) =>
  defineCounters({
    name: 'odd',
    events: [Moved],
    view,
    parse: turnover.parse,
    shards,
    on: { 'com.example.account.moved': () => [] },
  });

const INDEXED: TableSchema = {
  partitionKey: KEY,
  indexes: [{ name: 'i', partitionKey: { name: 'owner', type: 'S' } }],
};
const indexed = (partition: string, sort: string): TableSchema => ({
  partitionKey: KEY,
  indexes: [{ name: 'i', partitionKey: { name: partition, type: 'S' }, sortKey: { name: sort, type: 'S' } }],
});

const RESERVED =
  'view: no key may be named viewGeneration, viewRevision, viewAsOf, viewShard: these names are reserved';

describe('the definition of a projection', () => {
  it.each<[string, () => unknown, string]>([
    ['no version', () => versioned(0), 'version must be a whole number from 1, got 0'],
    ['half a version', () => versioned(1.5), 'version must be a whole number from 1, got 1.5'],
    ['no shards', () => counters(0), 'shards must be a whole number from 1 to 100, got 0'],
    ['half a shard', () => counters(0.5), 'shards must be a whole number from 1 to 100, got 0.5'],
    ['too many shards', () => counters(101), 'shards must be a whole number from 1 to 100, got 101'],
    ['counters in an index', () => counters(1, INDEXED), 'a view of counters cannot have indexes: query by its key'],
    ['an index by an attribute of its own', () => withView(indexed('viewAsOf', 'owner')), RESERVED],
    ['an index sorted by an attribute of its own', () => withView(indexed('owner', 'viewShard')), RESERVED],
    [
      'an index by what no item can hold',
      () => withView(indexed('owner', '__proto__')),
      "view: no key may be named '__proto__'",
    ],
    [
      'no steps',
      () =>
        defineProjection({
          name: 'odd',
          events: [Opened, Moved],
          view: ACCOUNTS_VIEW,
          parse: accounts.parse,
          keys: () => [],
          on: {} as never,
        }),
      "on must have a function for each event type, missing: 'com.example.account.opened', 'com.example.account.moved'",
    ],
  ])('is refused with %s', (_, define, problem) => {
    expect(define).toThrow(
      expect.objectContaining({
        code: 'CONTRACT_INVALID',
        message: `projection 'odd' is not valid: ${problem}`,
      }),
    );
  });

  it('can have the minimum and the maximum of each limit', () => {
    expect([versioned(1).version, versioned(2).version]).toStrictEqual([1, 2]);
    expect([counters(1).shards, counters(100).shards]).toStrictEqual([1, 100]);
  });
});
