import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection } from '../../../lib/projection/index.ts';
import { accounts, Moved, Opened, TURNOVER_VIEW, turnover } from './accounts.ts';

const schema = z.object({ accountId: z.string() });
const parse = (item: unknown) => schema.parse(item);

const withView = (view: TableSchema) =>
  defineProjection({
    name: 'odd',
    events: [Opened],
    view,
    parse,
    keys: () => [],
    on: { 'com.example.account.opened': () => undefined },
  });

const KEY = { name: 'accountId', type: 'S' } as const;

describe('a projection', () => {
  it('is a strict consumer of its events that starts with the oldest event in the log', () => {
    expect(accounts.subscription).toMatchObject({
      name: 'accounts',
      ordering: 'strict',
      startFrom: 'horizon',
    });
    expect(accounts.subscription.events.map(({ type }) => type)).toStrictEqual([
      'com.example.account.opened',
      'com.example.account.moved',
      'com.example.account.closed',
    ]);
    expect([accounts.version, accounts.kind, turnover.kind, turnover.shards]).toStrictEqual([
      1,
      'items',
      'counters',
      3,
    ]);
  });

  it('does not compile without a step for each event type', () => {
    expect(() =>
      defineProjection({
        name: 'half',
        events: [Opened, Moved],
        view: { partitionKey: KEY },
        parse,
        keys: () => [],
        // @ts-expect-error: nothing is said of the other type
        on: { 'com.example.account.opened': () => undefined },
      }),
    ).toThrow(
      "projection 'half' is not valid: on must have a function for each event type, missing: 'com.example.account.moved'",
    );
  });

  it.each([
    ['a numeric partition key', { partitionKey: { name: 'n', type: 'N' } }, "'n' must be of type S"],
    ['its own attributes as keys', { partitionKey: { name: 'viewRevision', type: 'S' } }, 'no key may be named'],
    ['expiry', { partitionKey: KEY, timeToLiveAttribute: 'expires' }, "timeToLiveAttribute 'expires'"],
    ['a stream', { partitionKey: KEY, stream: 'NEW_IMAGE' }, 'a stream is not allowed'],
    [
      'a sort key that begins an index',
      {
        partitionKey: KEY,
        sortKey: { name: 's', type: 'S' },
        indexes: [{ name: 'i', partitionKey: { name: 's', type: 'S' } }],
      },
      "'s' cannot be both a partition key and the table's sort key",
    ],
  ] as const)('refuses a view with %s', (_, view, message) => {
    expect(() => withView(view)).toThrow(
      expect.objectContaining({ code: 'CONTRACT_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('refuses shards that do not fit into the key, and too many shards', () => {
    const counters = (shards: number, view: TableSchema) => () =>
      defineCounters({
        name: 'sums',
        events: [Moved],
        view,
        parse,
        shards,
        on: { 'com.example.account.moved': () => [] },
      });

    expect(counters(2, { partitionKey: KEY })).toThrow(
      "projection 'sums' is not valid: shards 2 requires a sort key of type S, to which the shard's number is appended",
    );
    expect(counters(101, TURNOVER_VIEW)).toThrow('shards must be a whole number from 1 to 100, got 101');
  });
});
