import { describe, expect, it } from 'vitest';
import { accounts, Moved, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

/** Counts how many calls of ports are under way at once. */
function overlaps() {
  let underWay = 0;
  let most = 0;
  return {
    most: () => most,
    async around<Result>(call: () => Promise<Result>): Promise<Result> {
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        return await call();
      } finally {
        underWay -= 1;
      }
    },
  };
}

describe('an event applied to the view', () => {
  it("waits once for the group's position and the item, which are read in parallel", async () => {
    const { around, most } = overlaps();
    const rig = createRig(accounts, { around });

    await rig.handle(await rig.publish(Opened, { accountId: 'a', owner: 'ann' }));

    expect(most()).toBe(2);
  });

  it('is not applied after an event that the log does not return: its group is reported as failed, and no view switches', async () => {
    const rig = createRig(accounts, {
      async around(call) {
        const result = await call();
        if (!Array.isArray(result)) return result;
        return result.filter(({ kind, sequence }) => kind !== 'event' || sequence !== 2) as typeof result;
      },
    });
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    await rig.publish(Moved, { accountId: 'a', amount: 4 });
    await rig.publish(Moved, { accountId: 'a', amount: 5 });

    await rig.rebuild.start({ acceptHorizon: false });
    const blocked = await rig.advanceToEnd();

    expect(blocked.failed).toMatchObject([{ group: 'account#a', code: 'LOG_HOLE' }]);
    expect(blocked).toMatchObject({ serving: { generation: 1 } });
  });

  it('does not fail on an invalid item if the view already contains the event', async () => {
    const rig = createRig(accounts);
    await rig.handle(await rig.publish(Opened, { accountId: 'a', owner: 'ann' }));
    const moved = await rig.publish(Moved, { accountId: 'a', amount: 4 });
    await rig.handle(moved);
    const [item] = rig.tables.items('view').filter(({ accountId }) => accountId?.S?.endsWith('a'));
    rig.tables.apply([{ Put: { TableName: 'view', Item: { ...item, state: { S: 'spoilt' } } } }]);

    expect(await rig.handle(moved)).toBe('duplicate');
  });
});
