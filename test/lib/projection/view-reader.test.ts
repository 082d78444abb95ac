import { describe, expect, it } from 'vitest';
import { accounts, Moved, Opened, turnover } from './accounts.ts';
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
});
