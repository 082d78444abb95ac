import { describe, expect, it } from 'vitest';
import { type SkipDeps, skip } from '../../../lib/operations/index.ts';
import { blockedBy, createOpsRig, T0 } from './rig.ts';

const REQUEST = { group: 'account#7', sequence: 1, by: 'ann', reason: 'account closed' };

/** A group of three events that waits for its first one. */
async function createHeldGroup() {
  const rig = createOpsRig();
  const ids = await rig.deposit('7', 3);
  await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
  return { ...rig, ids };
}

describe('skip', () => {
  it('skips the event, records who, when and why, and resends the next event', async () => {
    const rig = await createHeldGroup();
    rig.clock.advance(60_000);

    const result = await skip(rig, REQUEST);

    expect(result).toMatchObject({
      kind: 'skipped',
      record: {
        consumer: 'billing',
        group: 'account#7',
        sequence: 1,
        eventId: rig.ids[0],
        eventType: 'com.example.account.deposited',
        by: 'ann',
        reason: 'account closed',
        at: T0 + 60_000,
        waitedSince: T0,
        failure: { code: 'Error', message: 'card refused' },
        generation: 0,
      },
      resent: { kind: 'resent', why: 'behind', event: { sequence: 3 } },
    });
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 1, seen: 3, blockedBy: undefined });
    expect(rig.queue.resent).toHaveLength(1);
    expect(await rig.skips.find(REQUEST, 0)).toMatchObject({ by: 'ann', at: T0 + 60_000 });
  });

  it('writes nothing if another event blocks the group', async () => {
    const rig = await createHeldGroup();

    const result = await skip(rig, { ...REQUEST, sequence: 2 });

    expect(result).toMatchObject({ kind: 'refused', blockedBy: { sequence: 1 } });
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 0, blockedBy: { sequence: 1 } });
    expect(await rig.skips.find({ ...REQUEST, sequence: 2 }, 0)).toBeUndefined();
    expect(rig.queue.resent).toStrictEqual([]);
  });

  it('refuses if no event blocks the group, or if the group is unknown', async () => {
    const rig = createOpsRig();
    await rig.place('account#7', { processed: 1, seen: 1 });

    expect(await skip(rig, REQUEST)).toMatchObject({
      kind: 'refused',
      blockedBy: undefined,
      cursor: { processed: 1 },
    });
    expect(await skip(rig, { ...REQUEST, group: 'account#8' })).toMatchObject({ kind: 'refused', cursor: undefined });
  });

  it('refuses if the event was handled between the read and the commit', async () => {
    const rig = await createHeldGroup();
    const skips: SkipDeps['skips'] = {
      ...rig.skips,
      commit: async (move, record) => {
        await rig.place('account#7', { processed: 1, seen: 3 });
        return rig.skips.commit(move, record);
      },
    };

    const result = await skip({ ...rig, skips }, REQUEST);

    expect(result).toMatchObject({ kind: 'refused', cursor: { processed: 1 } });
    expect(await rig.skips.find(REQUEST, 0)).toBeUndefined();
  });

  it('succeeds if a later event of the group arrives meanwhile', async () => {
    const rig = await createHeldGroup();
    let commits = 0;
    const skips: SkipDeps['skips'] = {
      ...rig.skips,
      commit: async (move, record) => {
        if (commits++ === 0) await rig.place('account#7', { seen: 4, blockedBy: blockedBy(1) });
        return rig.skips.commit(move, record);
      },
    };

    const result = await skip({ ...rig, skips }, REQUEST);

    expect(result.kind).toBe('skipped');
    expect(commits).toBe(2);
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 1, seen: 4 });
  });

  it('fails after ten lost races', async () => {
    const rig = await createHeldGroup();

    const result = await skip({ ...rig, skips: { ...rig.skips, commit: async () => 'conflict' } }, REQUEST);

    expect(result).toStrictEqual({ kind: 'contended' });
    expect(rig.queue.resent).toStrictEqual([]);
  });

  it('resumes the group when it is repeated after a crash before the resend', async () => {
    const rig = await createHeldGroup();
    const died = new Error('the terminal was closed');
    const deaf = { resend: () => Promise.reject(died) };
    await expect(skip({ ...rig, queue: deaf }, REQUEST)).rejects.toBe(died);
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 1, blockedBy: undefined });

    const repeated = await skip(rig, { ...REQUEST, by: 'bob' });

    expect(repeated).toMatchObject({
      kind: 'skipped-before',
      record: { by: 'ann' },
      resent: { event: { sequence: 3 } },
    });
    expect(rig.queue.resent).toHaveLength(1);
  });

  it('does not resend a later event when it is repeated', async () => {
    const rig = await createHeldGroup();
    await skip(rig, REQUEST);
    await rig.place('account#7', { processed: 1, seen: 3, blockedBy: blockedBy(2) });

    const repeated = await skip(rig, REQUEST);

    expect(repeated).toMatchObject({ kind: 'skipped-before', resent: undefined });
    expect(rig.queue.resent).toHaveLength(1);
  });

  it('skips an event that the log no longer holds', async () => {
    const rig = createOpsRig();
    await rig.place('account#7', { processed: 4, seen: 5, blockedBy: blockedBy(5) });

    const result = await skip(rig, { ...REQUEST, sequence: 5 });

    expect(result).toMatchObject({ kind: 'skipped', record: { eventId: undefined }, resent: { kind: 'up-to-date' } });
  });
});
