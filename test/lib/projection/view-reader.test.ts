import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  createViewReader,
  defineCounters,
  type SumsQuery,
  type ViewKey,
  type ViewReader,
} from '../../../lib/projection/index.ts';
import type { TenantQuery } from '../../../lib/tenancy/index.ts';
import { type Account, accounts, Moved, Opened, TURNOVER_VIEW, turnover } from './accounts.ts';
import { createRig } from './rig.ts';

async function createOwners() {
  const rig = createRig(accounts);
  for (const accountId of ['a', 'b', 'c']) await rig.handle(await rig.publish(Opened, { accountId, owner: 'ann' }));
  return rig;
}

/** Counters by any text, and a way to add one to them, each time from another group. */
function createNamed(shards: number, memory?: Memory) {
  const names: string[] = [];
  const projection = defineCounters({
    name: 'by-name',
    events: [Moved],
    view: TURNOVER_VIEW,
    parse: (item) => {
      const { currency, day, movements } = item as Readonly<Record<string, unknown>>;
      return { currency, name: day, movements };
    },
    shards,
    on: {
      'com.example.account.moved': ({ data }) => [
        { key: { currency: 'GBP', day: names[data.amount] ?? '' }, amounts: { movements: 1 } },
      ],
    },
  });
  const rig = createRig(projection, memory === undefined ? {} : { memory });
  return {
    ...rig,
    async add(name: string): Promise<void> {
      names.push(name);
      await rig.handle(await rig.publish(Moved, { accountId: `a${names.length}`, amount: names.length - 1 }));
    },
  };
}

type Memory = ReturnType<typeof createRig>['memory'];

const BY_OWNER = { indexName: 'byOwner', partition: 'ann', limit: 2 };

describe('the reader of a view', () => {
  it('returns items as the projection created them, with the time of their last event', async () => {
    const rig = await createOwners();

    expect(await rig.reader.get({ accountId: 'a' })).toStrictEqual({
      item: { accountId: 'a', owner: 'ann', state: 1 },
      asOf: '2026-11-20T06:00:00.000Z',
    });
    expect(await rig.reader.get({ accountId: 'z' })).toBeUndefined();
  });

  it('reads the new generation if it was switched during the read', async () => {
    const rig = await createOwners();
    const before = await rig.state.control();
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();
    const controls = [before].values();
    const reader = createViewReader({
      projection: accounts,
      table: rig.table,
      state: { control: async () => controls.next().value ?? rig.state.control() },
    });

    expect((await reader.get({ accountId: 'a' }))?.item.owner).toBe('ann');
  });

  it('pages through an index, the newest first', async () => {
    const rig = await createOwners();

    const first = await rig.reader.query({ ...BY_OWNER, newestFirst: true });
    const second = await rig.reader.query({ ...BY_OWNER, newestFirst: true, after: first.next ?? '' });

    expect([first, second].map(({ items }) => items.map(({ item }) => item.accountId))).toStrictEqual([
      ['c', 'b'],
      ['a'],
    ]);
    expect(second.next).toBeUndefined();
  });

  it('refuses a page token of a generation that no longer serves, and an invalid one', async () => {
    const rig = await createOwners();
    const { next = '' } = await rig.reader.query(BY_OWNER);
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    await expect(rig.reader.query({ ...BY_OWNER, after: next })).rejects.toMatchObject({
      code: 'PROJECTION_PAGE_GONE',
      message: expect.stringContaining('start again with the first page'),
    });
    await expect(rig.reader.query({ ...BY_OWNER, after: 'page 2' })).rejects.toMatchObject({
      code: 'PROJECTION_PAGE_GONE',
      message: expect.stringContaining("'page 2' is not the 'next' of a page"),
    });
    await expect(rig.reader.query({ ...BY_OWNER, after: 2 as unknown as string })).rejects.toMatchObject({
      code: 'PROJECTION_PAGE_GONE',
      message: "2 is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page",
    });
  });

  it('sums the shards of a counter', async () => {
    const rig = createRig(turnover);
    for (let account = 1; account <= 9; account++) {
      await rig.handle(await rig.publish(Moved, { accountId: `a${account}`, amount: account }));
    }

    const sums = await rig.reader.sums({ partition: 'GBP', sortBeginsWith: '2026-11' });

    expect(sums.map(({ item }) => item)).toStrictEqual([
      { currency: 'GBP', day: '2026-11-20', movements: 9, amount: 45 },
    ]);
    expect(rig.tables.items('view').length).toBe(3);
    expect(await rig.reader.sums({ partition: 'EUR' })).toStrictEqual([]);
  });

  it('sums all shards even if the number of shards has changed', async () => {
    const first = createRig({ ...turnover, shards: 1 });
    const rigs = [first, ...[3, 2, 1].map((shards) => createRig({ ...turnover, shards }, { memory: first.memory }))];
    for (const rig of rigs) {
      for (const accountId of ['a', 'b', 'c', 'd'])
        await rig.handle(await rig.publish(Moved, { accountId, amount: 5 }));
    }

    for (const { reader } of rigs) {
      expect((await reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual([
        { currency: 'GBP', day: '2026-11-20', movements: 16, amount: 80 },
      ]);
    }
  });

  it('returns sums in the order of their keys, not of their shards', async () => {
    const NAMES = ['a!', 'a', 'a b'];
    const projection = defineCounters({
      name: 'by-name',
      events: [Moved],
      view: TURNOVER_VIEW,
      parse: (item) => (item as { readonly day: string }).day,
      shards: 3,
      on: {
        'com.example.account.moved': ({ data }) => [
          { key: { currency: 'GBP', day: NAMES[data.amount] ?? '' }, amounts: { movements: 1 } },
        ],
      },
    });
    const rig = createRig(projection);
    for (const amount of [0, 1, 2]) await rig.handle(await rig.publish(Moved, { accountId: 'a', amount }));

    expect((await rig.reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual(['a', 'a b', 'a!']);
  });

  it.each(['none', 'required'] as const)(
    'queries an index that is sorted by the table’s key, by prefixes and ranges, in mode %s',
    async (tenancy) => {
      const rig = createRig(accounts, { tenancy });
      const tenants = tenancy === 'none' ? [undefined] : ['acme', 'globex'];
      for (const tenantId of tenants) {
        for (const accountId of ['a1', 'a2', 'b1', 'c1']) {
          await rig.handle(await rig.publish(Opened, { accountId, owner: 'ann' }, tenantId));
        }
      }
      const ids = async (sort: Partial<TenantQuery>) => {
        const { items } = await rig.reader.query({ indexName: 'byOwner', partition: 'ann', ...sort });
        return items.map(({ item }) => item.accountId);
      };

      const found = await rig.tenancy.runAsTenant(tenants[0], async () => [
        await ids({ sortBeginsWith: 'a' }),
        await ids({ sortFrom: 'a2', sortTo: 'b1' }),
        await ids({ sortFrom: 'b' }),
        await ids({ sortTo: 'a2', newestFirst: true }),
      ]);

      expect(found).toStrictEqual([
        ['a1', 'a2'],
        ['a2', 'b1'],
        ['b1', 'c1'],
        ['a2', 'a1'],
      ]);
    },
  );

  it('pages through a range', async () => {
    const rig = await createOwners();
    const query = { ...BY_OWNER, sortFrom: 'a', sortTo: 'b', limit: 1 };

    const first = await rig.reader.query(query);
    const second = await rig.reader.query({ ...query, after: first.next ?? '' });
    const third = await rig.reader.query({ ...query, after: second.next ?? '' });

    expect([first, second, third].map(({ items }) => items.map(({ item }) => item.accountId))).toStrictEqual([
      ['a'],
      ['b'],
      [],
    ]);
    expect(third.next).toBeUndefined();
  });

  it('sums a range of counters, both ends included, and no others', async () => {
    const rig = createNamed(3);
    for (const name of ['a', 'a!', 'a#1', 'a#99x', 'b', 'b!']) await rig.add(name);
    const namesIn = async (query: Partial<SumsQuery>) =>
      (await rig.reader.sums({ partition: 'GBP', ...query })).map(({ item }) => item.name);

    expect(await namesIn({})).toStrictEqual(['a', 'a!', 'a#1', 'a#99x', 'b', 'b!']);
    expect(await namesIn({ sortFrom: 'a!', sortTo: 'b' })).toStrictEqual(['a!', 'a#1', 'a#99x', 'b']);
    expect(await namesIn({ sortTo: 'a' })).toStrictEqual(['a']);
    expect(await namesIn({ sortFrom: 'a#1' })).toStrictEqual(['a#1', 'a#99x', 'b', 'b!']);
    expect(await namesIn({ sortBeginsWith: 'a#1' })).toStrictEqual(['a#1']);
  });

  it('separates counters with a # in their sort keys, even if the number of shards changes', async () => {
    const first = createNamed(1);
    const names = ['x', 'x#0', 'x#1', 'x#1#1', 'x#2'];
    const rigs = [first, ...[3, 1, 2, 1].map((shards) => createNamed(shards, first.memory))];

    for (const rig of rigs) for (const name of names) for (let n = 0; n < 4; n++) await rig.add(name);

    for (const { reader } of rigs) {
      expect((await reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual(
        names.map((name) => ({ currency: 'GBP', name, movements: 20 })),
      );
    }
  });

  it('sums the items of older code: unsharded items, and shards that end with # and their number', async () => {
    const rig = createNamed(3);
    const stored = (day: string, movements: number, shard?: number) =>
      rig.tables.apply([
        {
          Put: {
            TableName: 'view',
            Item: marshall({
              currency: '1#GBP',
              day,
              movements,
              viewGeneration: 1,
              viewAsOf: '2026-11-20T06:00:00.000Z',
              ...(shard === undefined ? {} : { viewShard: shard }),
            }),
          },
        },
      ]);
    stored('x', 1);
    stored('x#2', 10, 2);
    stored('x#12', 100);
    stored('x#12#0', 1_000, 0);
    for (const name of ['x', 'x#12', 'x#2']) await rig.add(name);

    expect((await rig.reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual([
      { currency: 'GBP', name: 'x', movements: 12 },
      { currency: 'GBP', name: 'x#12', movements: 1_101 },
      { currency: 'GBP', name: 'x#2', movements: 1 },
    ]);
  });

  it('refuses counters with the shard separator in their sort key', async () => {
    const rig = createNamed(1);

    await expect(rig.add('x\u00011')).rejects.toMatchObject({
      code: 'PROJECTION_STEP_FAILED',
      message: expect.stringContaining(
        "'by-name' adds to an item whose 'day' contains U+0001, which is reserved as the separator of shards: remove that character",
      ),
    });
  });

  it('returns counters with a numeric sort key with that number', async () => {
    const projection = defineCounters({
      name: 'by-amount',
      events: [Moved],
      view: { partitionKey: { name: 'currency', type: 'S' }, sortKey: { name: 'amount', type: 'N' } },
      parse: (item) => item,
      on: {
        'com.example.account.moved': ({ data: { amount } }) => [
          { key: { currency: 'GBP', amount }, amounts: { times: 1 } },
        ],
      },
    });
    const rig = createRig(projection);
    for (const amount of [10, 9, 10]) await rig.handle(await rig.publish(Moved, { accountId: 'a', amount }));

    expect(
      (await rig.reader.sums({ partition: 'GBP', sortFrom: 9, sortTo: 10 })).map(({ item }) => item),
    ).toStrictEqual([
      { currency: 'GBP', amount: 9, times: 1 },
      { currency: 'GBP', amount: 10, times: 2 },
    ]);
  });

  it.each<[string, (reader: ViewReader<Account>) => Promise<unknown>, string]>([
    [
      'a key with a wrong member',
      (reader) => reader.get({ id: 'a' }),
      "a key of 'accounts' must have 'accountId' (non-empty string) and no other members, got { id: 'a' }",
    ],
    [
      'a key with a member too many',
      (reader) => reader.get({ accountId: 'a', owner: 'ann' }),
      "a key of 'accounts' must have 'accountId' (non-empty string) and no other members, got { accountId: 'a', owner: 'ann' }",
    ],
    [
      'a key that is none',
      (reader) => reader.get('a' as unknown as ViewKey),
      "a key of 'accounts' must have 'accountId' (non-empty string) and no other members, got 'a'",
    ],
    [
      'a key of another type',
      (reader) => reader.get({ accountId: 7 }),
      "a key of 'accounts' must have 'accountId' (non-empty string) and no other members, got { accountId: 7 }",
    ],
    [
      'a partition that is undefined',
      (reader) => reader.query({ indexName: 'byOwner' } as unknown as TenantQuery),
      'partition must be a non-empty string, got undefined',
    ],
    [
      'an index that there is not',
      (reader) => reader.query({ indexName: 'byState', partition: 'a' }),
      "view 'accounts' has no index 'byState': its indexes are 'byOwner'",
    ],
    [
      'a range without a sort key',
      (reader) => reader.query({ partition: 'a', sortFrom: 'a' }),
      "sortFrom cannot be used: view 'accounts' has no sort key",
    ],
    [
      'a range that ends before it begins',
      (reader) => reader.query({ ...BY_OWNER, sortFrom: 'b', sortTo: 'a' }),
      "sortFrom must not come after sortTo in index 'byOwner' of view 'accounts', got 'b' and 'a': swap them",
    ],
    [
      'nothing',
      (reader) => reader.query(undefined as unknown as TenantQuery),
      "a query of view 'accounts' must be { partition, … }, got undefined; partition must be a non-empty string, got undefined",
    ],
  ])('refuses %s, and names what is required', async (_, ask, message) => {
    const { reader } = await createOwners();

    await expect(ask(reader)).rejects.toMatchObject({ code: 'PROJECTION_QUERY_INVALID', message });
  });

  it('refuses sums with options of pages', async () => {
    const { reader } = createRig(turnover);
    const asked = { partition: 'GBP', limit: 5 };

    await expect(reader.sums(asked)).rejects.toMatchObject({
      code: 'PROJECTION_QUERY_INVALID',
      message: "sums accepts only partition, sortBeginsWith, sortFrom, sortTo, got 'limit'",
    });
  });

  it('refuses queries that the view does not support', async () => {
    const invalid = { code: 'PROJECTION_QUERY_INVALID' };
    const { reader: sums } = createRig(turnover);
    const { reader: items } = createRig(accounts);

    await expect(sums.get({ currency: 'GBP', day: '2026-11-20' })).rejects.toMatchObject({
      ...invalid,
      message: "get cannot be used with 'turnover', which is a view of counters: use sums",
    });
    await expect(sums.query({ partition: 'GBP' })).rejects.toMatchObject(invalid);
    await expect(items.sums({ partition: 'a' })).rejects.toMatchObject(invalid);
  });
});
