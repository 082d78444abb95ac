import { describe, expect, it } from 'vitest';
import { defineCounters } from '../../../lib/projection/index.ts';
import { accounts, Moved, Opened, TURNOVER_VIEW, turnover } from './accounts.ts';
import { createRig } from './rig.ts';

async function createOwners() {
  const rig = createRig(accounts);
  for (const accountId of ['a', 'b', 'c']) await rig.handle(await rig.publish(Opened, { accountId, owner: 'ann' }));
  return rig;
}

const BY_OWNER = { indexName: 'byOwner', partition: 'ann', limit: 2 };

describe('the reader of a view', () => {
  it('shows items as the projection made them, with the time of their last event', async () => {
    const rig = await createOwners();

    expect(await rig.reader.get({ accountId: 'a' })).toStrictEqual({
      item: { accountId: 'a', owner: 'ann', state: 1 },
      asOf: '2026-11-20T06:00:00.000Z',
    });
    expect(await rig.reader.get({ accountId: 'z' })).toBeUndefined();
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

  it('refuses a page of a generation that no longer serves, and what is no page', async () => {
    const rig = await createOwners();
    const { next = '' } = await rig.reader.query(BY_OWNER);
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    await expect(rig.reader.query({ ...BY_OWNER, after: next })).rejects.toMatchObject({
      code: 'PROJECTION_PAGE_GONE',
      message: expect.stringContaining('begin again with the first page'),
    });
    await expect(rig.reader.query({ ...BY_OWNER, after: 'page 2' })).rejects.toMatchObject({
      code: 'PROJECTION_PAGE_GONE',
      message: expect.stringContaining("'page 2' is no page's 'next'"),
    });
  });

  it('sums up what groups have added to their parts of an item', async () => {
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

  it('sums up whatever number of parts an item was kept in when it was added to', async () => {
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

  it('tells sums in the order of their own keys, not of their parts', async () => {
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

  it('refuses to be asked for what the view does not have', async () => {
    const invalid = { code: 'PROJECTION_QUERY_INVALID' };
    const { reader: sums } = createRig(turnover);
    const { reader: items } = createRig(accounts);

    await expect(sums.get({ currency: 'GBP', day: '2026-11-20' })).rejects.toMatchObject({
      ...invalid,
      message: "get is nothing to ask 'turnover' for, which is a view of counters, kept in shards: ask for sums",
    });
    await expect(sums.query({ partition: 'GBP' })).rejects.toMatchObject(invalid);
    await expect(items.sums({ partition: 'a' })).rejects.toMatchObject(invalid);
  });
});
