import { describe, expect, it } from 'vitest';
import { pauseGroup, resumeGroup } from '../../../lib/operations/index.ts';
import { blockedBy, createOpsRig, gathered, T0 } from './rig.ts';

const PAUSE = { group: 'account#7', by: 'ann', reason: 'migrating the account' };

async function createGroup() {
  const rig = createOpsRig();
  const ids = await rig.deposit('7', 3);
  await rig.place('account#7', { processed: 1, seen: 1 });
  return { ...rig, ids };
}

describe('pauseGroup', () => {
  it('pauses the group, with who, when and why, and keeps what the cursor says', async () => {
    const rig = await createGroup();

    const result = await pauseGroup(rig, PAUSE);

    const pause = { since: T0, by: 'ann', reason: 'migrating the account' };
    expect(result).toMatchObject({ kind: 'paused', pause });
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 1, seen: 1, paused: pause });
    expect(await gathered(rig.paused.list())).toMatchObject([[{ group: 'account#7', cursor: { paused: pause } }]]);
  });

  it('keeps the first pause', async () => {
    const rig = await createGroup();
    await pauseGroup(rig, PAUSE);
    rig.clock.advance(60_000);

    const result = await pauseGroup(rig, { ...PAUSE, by: 'bob' });

    expect(result).toMatchObject({ kind: 'paused-before', pause: { by: 'ann', since: T0 } });
    expect(await rig.cursor('account#7')).toMatchObject({ paused: { by: 'ann' }, revision: 2 });
  });

  it('writes nothing for a group of which the consumer has received no event', async () => {
    const rig = createOpsRig();

    expect(await pauseGroup(rig, PAUSE)).toStrictEqual({ kind: 'unknown' });
    expect(await rig.cursor('account#7')).toBeUndefined();
  });

  it('gives up if the cursor moves at every attempt', async () => {
    const rig = await createGroup();
    const cursors = { ...rig.cursors, save: async () => 'conflict' as const };

    expect(await pauseGroup({ ...rig, cursors }, PAUSE)).toStrictEqual({ kind: 'contended' });
  });
});

describe('resumeGroup', () => {
  it('ends the pause, records both, and resends the next event', async () => {
    const rig = await createGroup();
    await pauseGroup(rig, PAUSE);
    rig.clock.advance(60_000);

    const result = await resumeGroup(rig, { group: 'account#7', by: 'bob' });

    const record = {
      consumer: 'billing',
      group: 'account#7',
      since: T0,
      by: 'ann',
      reason: 'migrating the account',
      resumedAt: T0 + 60_000,
      resumedBy: 'bob',
    };
    expect(result).toMatchObject({ kind: 'resumed', record, resent: { kind: 'resent', event: { sequence: 3 } } });
    expect(await rig.pauses.find('account#7', T0)).toStrictEqual(record);
    expect(await rig.cursor('account#7')).not.toHaveProperty('paused');
    expect(rig.queue.resent).toHaveLength(1);
    expect((await gathered(rig.paused.list())).flat()).toStrictEqual([]);
  });

  it('resends the event that blocks the group, but not a dead letter, which is in the DLQ', async () => {
    const retrying = await createGroup();
    await retrying.place('account#7', { processed: 1, seen: 3, blockedBy: blockedBy(2, { state: 'retrying' }) });
    await pauseGroup(retrying, PAUSE);
    const dead = await createGroup();
    await dead.place('account#7', { processed: 1, seen: 3, blockedBy: blockedBy(2) });
    await pauseGroup(dead, PAUSE);

    expect(await resumeGroup(retrying, PAUSE)).toMatchObject({ resent: { why: 'waited-for', event: { sequence: 2 } } });
    expect(await resumeGroup(dead, PAUSE)).toMatchObject({ kind: 'resumed', resent: undefined });
    expect(dead.queue.resent).toStrictEqual([]);
  });

  it('resends again when it is repeated, in case it was interrupted', async () => {
    const rig = await createGroup();
    await pauseGroup(rig, PAUSE);
    const queue = {
      resend: async () => {
        throw new Error('throttled');
      },
    };
    await expect(resumeGroup({ ...rig, queue }, PAUSE)).rejects.toThrow('throttled');

    expect(await resumeGroup(rig, PAUSE)).toMatchObject({ kind: 'not-paused', resent: { event: { sequence: 3 } } });
  });

  it('gives up if the cursor moves at every attempt, and writes nothing', async () => {
    const rig = await createGroup();
    await pauseGroup(rig, PAUSE);
    const pauses = { ...rig.pauses, commit: async () => 'conflict' as const };

    expect(await resumeGroup({ ...rig, pauses }, PAUSE)).toStrictEqual({ kind: 'contended' });
    expect(await rig.cursor('account#7')).toHaveProperty('paused');
  });
});
