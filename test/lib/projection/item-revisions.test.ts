import { describe, expect, it } from 'vitest';
import { accounts, Closed, Moved, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

describe('the revision of an item', () => {
  it('rises by one with each change of it', async () => {
    const rig = createRig(accounts);
    const revisions: number[] = [];
    await rig.handle(await rig.publish(Opened, { accountId: 'a', owner: 'ann' }));
    for (const amount of [1, 2, 3]) {
      const [item] = rig.tables.items('view').filter(({ accountId }) => accountId?.S === '1#a');
      revisions.push(Number(item?.['viewRevision']?.N));
      await rig.handle(await rig.publish(Moved, { accountId: 'a', amount }));
    }

    const [first = 0] = revisions;
    expect(first).toBeGreaterThan(0);
    expect(revisions).toStrictEqual([first, first + 1, first + 2]);
  });

  it('is not checked if an event leaves no item and there was none before, even if others create it meanwhile', async () => {
    const projection = {
      ...accounts,
      keys: () => [{ accountId: 'shared' }],
      evolve: {
        ...accounts.evolve,
        'com.example.account.opened': () => ({ accountId: 'shared', owner: 'ann', state: 1 }),
        'com.example.account.closed': () => undefined,
      },
    };
    const rig = createRig(projection);
    const late = createRig(projection, {
      memory: rig.memory,
      around: async (call, name) => {
        if (name === 'commit') await rig.handle(await rig.publish(Opened, { accountId: 'b', owner: 'ann' }));
        return call();
      },
    });

    expect(await late.handle(await rig.publish(Closed, { accountId: 'a' }))).toBe('handled');

    expect((await rig.reader.get({ accountId: 'shared' }))?.item.state).toBe(1);
  });
});
