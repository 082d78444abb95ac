import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { createViewReader, viewOf } from '../../../lib/projection/index.ts';
import type { TenantQuery } from '../../../lib/tenancy/index.ts';
import { accounts, Closed, Moved, Opened, turnover } from './accounts.ts';
import { createRig } from './rig.ts';

const INVALID = 'PROJECTION_QUERY_INVALID';

describe('an invalid query of a view', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    [
      'sums of single items',
      () => createRig(accounts).reader.sums({ partition: 'a' }),
      "sums cannot be used with 'accounts', which is a view of items: use get or query",
    ],
    [
      'pages of counters',
      () => createRig(turnover).reader.query({ partition: 'GBP' }),
      "query cannot be used with 'turnover', which is a view of counters: use sums",
    ],
    [
      'an empty partition',
      () => createRig(accounts).reader.query({ partition: '' }),
      "partition must be a non-empty string, got ''",
    ],
  ])('is refused with the valid alternatives: %s', async (_, ask, message) => {
    await expect(ask()).rejects.toMatchObject({ code: INVALID, message });
  });

  it.each<[unknown, string]>([
    ['2.e30', 'the view was rebuilt since the previous page (generation 2, now 1): start again with the first page'],
    ['10.e30', 'the view was rebuilt since the previous page (generation 10, now 1): start again with the first page'],
    ['1', "'1' is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page"],
    ['', "'' is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page"],
    ['a1.e30', "'a1.e30' is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page"],
    [1.5, "1.5 is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page"],
  ])('distinguishes a page token of another generation from an invalid one: %s', async (after, message) => {
    const { reader } = createRig(accounts);
    const query = { partition: 'a', after } as TenantQuery;

    await expect(reader.query(query)).rejects.toMatchObject({ code: 'PROJECTION_PAGE_GONE', message });
  });
});

describe('a query of a view', () => {
  it('is sent to the table with the generation and nothing else', async () => {
    const rig = createRig(accounts);
    const asked: TenantQuery[] = [];
    const table = {
      ...rig.table,
      query: async (query: TenantQuery) => {
        asked.push(query);
        return { items: [], next: undefined };
      },
      withSchema: () => table,
    };
    const reader = createViewReader({ projection: accounts, table, state: rig.state });
    const byOwner = { indexName: 'byOwner', partition: 'ann' };

    await reader.query({ partition: 'a' });
    await reader.query(byOwner);
    await reader.query({ ...byOwner, sortBeginsWith: 'a', limit: 5 });
    await reader.query({ ...byOwner, sortFrom: 'a', newestFirst: true });
    await reader.query({ ...byOwner, sortTo: 'b', after: '1.e.30' });

    const stored = { indexName: 'byOwner', partition: '1#ann' };
    expect(asked).toStrictEqual([
      { partition: '1#a' },
      stored,
      { ...stored, sortBeginsWith: '1#a', limit: 5 },
      { ...stored, sortFrom: '1#a', newestFirst: true },
      { ...stored, sortTo: '1#b', after: 'e.30' },
    ]);
  });

  it('returns attributes that an older release stored without an index prefix', async () => {
    const rig = createRig(accounts);
    const own = { viewGeneration: 1, viewRevision: 1, viewAsOf: '2026-11-20T06:00:00.000Z' };
    rig.tables.apply([
      { Put: { TableName: 'view', Item: marshall({ accountId: '1#a', owner: 'ann', state: 1, ...own }) } },
    ]);

    expect((await rig.reader.get({ accountId: 'a' }))?.item.owner).toBe('ann');
  });
});

describe('a view in a unit test', () => {
  it('has no item if the last event leaves none, and all items that were left', async () => {
    const rig = createRig(accounts);
    const events = [
      await rig.publish(Opened, { accountId: 'a', owner: 'ann' }),
      await rig.publish(Opened, { accountId: 'b', owner: 'bob' }),
      await rig.publish(Closed, { accountId: 'a' }),
    ];

    expect(viewOf(accounts, events)).toStrictEqual([
      { accountId: 'all', state: 3 },
      { accountId: 'b', owner: 'bob', state: 1 },
    ]);
  });

  it('fails with the name of an item that no table can store', async () => {
    const projection = {
      ...accounts,
      keys: () => [{ accountId: 'a' }],
      evolve: { 'com.example.account.moved': () => ({ accountId: 'a', state: Number.NaN }) },
      parse: (item: unknown) => item as { accountId: string; state: number },
    };
    const event = await createRig(accounts).publish(Moved, { accountId: 'a', amount: 1 });

    expect(() => viewOf(projection, [event])).toThrow(
      "projection 'accounts' failed at event 1 of group 'account#a' ('com.example.account.moved'): an item of 'accounts' cannot be written: 'state' is NaN, which DynamoDB cannot store: leave it out, or write null",
    );
  });
});
