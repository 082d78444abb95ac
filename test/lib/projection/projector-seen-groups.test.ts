import { describe, expect, it } from 'vitest';
import { createGroupReplay } from '../../../lib/projection/group-replay.ts';
import { ProjectionCatchingUpError, ProjectionStepError, type Projector } from '../../../lib/projection/index.ts';
import { TableConditionError } from '../../../lib/tenancy/index.ts';
import { accounts, Moved } from './accounts.ts';
import { createRig, type RigOptions } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

const lost = () => new TableConditionError(0, { cause: 'another was first' });

/** A rebuild of one group that fails at its first event: it commits nothing but the note of the group. */
async function createFailing(around: NonNullable<RigOptions['around']>) {
  const rig = createRig(createSuperstitious().projection, { around });
  await rig.publish(Moved, { accountId: 'a', amount: 13 });
  await rig.rebuild.start({ acceptHorizon: false });
  return rig;
}

const note = (group: string) => ({ group, upTo: 2, code: 'PROJECTION_STEP_FAILED', message: 'odd' });

describe('a group that fails while a rebuild replays it', () => {
  it('is noted even if a live event notes another group meanwhile', async () => {
    let commits = 0;
    const rig = await createFailing(async (call, name) => {
      if (name === 'commit') commits += 1;
      if (name === 'commit' && commits === 1) {
        const control = await rig.state.control();
        await rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, note('account#live')));
      }
      return call();
    });
    await rig.publish(Moved, { accountId: 'live', amount: 13 });

    const { failed } = await rig.advanceToEnd();

    expect(failed.map(({ group }) => group)).toStrictEqual(['account#a', 'account#live']);
  });

  it('is noted at the twentieth attempt', async () => {
    let commits = 0;
    const rig = await createFailing(async (call, name) => {
      if (name === 'commit') commits += 1;
      return name === 'commit' && commits < 20 ? Promise.reject(lost()) : call();
    });

    expect((await rig.advanceToEnd()).failed).toMatchObject([{ group: 'account#a' }]);
    expect(commits).toBe(20);
  });

  it('stops the rebuild if twenty attempts to note it lose the race', async () => {
    let commits = 0;
    const rig = await createFailing(async (call, name) => {
      if (name === 'commit') commits += 1;
      return name === 'commit' && commits <= 20 ? Promise.reject(lost()) : call();
    });

    await expect(rig.advanceToEnd()).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
      cause: 'another was first',
    });
    expect(commits).toBe(20);
  });

  it('stops the rebuild if it cannot be noted', async () => {
    let commits = 0;
    const rig = await createFailing(async (call, name) => {
      if (name === 'commit') commits += 1;
      return name === 'commit' && commits === 1 ? Promise.reject(new Error('no rights')) : call();
    });

    await expect(rig.advanceToEnd()).rejects.toThrow('no rights');
    expect(commits).toBe(1);
  });
});

describe('replays of groups', () => {
  const step = { group: 'account#a', sequence: 2, type: 'com.example.account.moved' };

  async function createReplayed(catchUp: Projector['catchUp']) {
    const rig = createRig(accounts);
    await rig.rebuild.start({ acceptHorizon: false });
    const { madeIn } = (await rig.state.control()).building ?? {};
    if (madeIn === undefined) throw new Error('no rebuild was begun');
    const noteGroup = async (group: string) => {
      const control = await rig.state.control();
      await rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, note(group)));
    };
    const replays = createGroupReplay({
      state: rig.state,
      outbox: rig.outbox,
      projector: { madeIn, apply: async () => undefined, catchUp },
      asTenant: (_, work) => work(),
    });
    return { rig, noteGroup, replays };
  }

  it('do not start after the time limit', async () => {
    const replayed: string[] = [];
    const stop = new AbortController();
    const { replays } = await createReplayed(async ({ group }) => {
      replayed.push(group);
      stop.abort();
      return { events: 1, truncated: false };
    });
    const groups = Array.from({ length: 18 }, (_, number) => `account#${number}`);

    const done = await replays.replayAll(2, groups, stop.signal);

    expect(replayed).toStrictEqual(['account#0']);
    expect(done.map(({ kind }) => kind).toSorted()).toStrictEqual([
      'replayed',
      ...Array.from({ length: 17 }, () => 'unfinished'),
    ]);
  });

  it.each([
    ['none-left', async () => ({ events: 1, truncated: false }), []],
    [
      'some-left',
      async () => {
        throw new ProjectionStepError('accounts', step, new Error('13 is no amount'));
      },
      ['account#a', 'account#b'],
    ],
    [
      'unfinished',
      async () => {
        throw new ProjectionCatchingUpError('accounts', 'account#a', 2);
      },
      ['account#a', 'account#b'],
    ],
  ] as const)('of noted groups end with %s', async (end, catchUp, left) => {
    const { rig, noteGroup, replays } = await createReplayed(catchUp);
    for (const group of ['account#a', 'account#b']) await noteGroup(group);

    expect(await replays.retryFailed(2, new AbortController().signal)).toBe(end);

    expect((await rig.state.failed(2)).map(({ group }) => group)).toStrictEqual(left);
  });

  it('of noted groups remove the others from the list if one fails', async () => {
    const { rig, noteGroup, replays } = await createReplayed(async ({ group }) => {
      if (group === 'account#a') throw new ProjectionStepError('accounts', step, new Error('13 is no amount'));
      return { events: 1, truncated: false };
    });
    for (const group of ['account#a', 'account#b']) await noteGroup(group);

    expect(await replays.retryFailed(2, new AbortController().signal)).toBe('some-left');

    expect((await rig.state.failed(2)).map(({ group }) => group)).toStrictEqual(['account#a']);
  });
});
