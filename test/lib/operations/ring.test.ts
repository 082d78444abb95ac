import { describe, expect, it } from 'vitest';
import { createPace, ring, ringHeld } from '../../../lib/operations/index.ts';
import { createOpsRig, gathered, waitingFor } from './rig.ts';

describe('ring', () => {
  it('sends the event that the group waits for, as the log has it', async () => {
    const rig = createOpsRig();
    const [id] = await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 3, waitingFor: waitingFor(1) });

    const result = await ring(rig, 'account#7');

    expect(result).toMatchObject({ kind: 'rung', why: 'waited-for', event: { id, sequence: 1 } });
    expect(rig.bell.rung.map(({ group, body }) => [group, JSON.parse(body).id])).toStrictEqual([['account#7', id]]);
  });

  it('sends the last event that the consumer takes when the group waits for nothing', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { processed: 1, seen: 1 });

    const result = await ring(rig, 'account#7');

    expect(result).toMatchObject({ kind: 'rung', why: 'behind', event: { sequence: 3 } });
  });

  it('sends the last event of a group without a cursor', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);

    expect(await ring(rig, 'account#7')).toMatchObject({ kind: 'rung', event: { sequence: 2 } });
  });

  it('sends nothing when all is dealt with, or when the log holds nothing that the consumer takes', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);
    await rig.place('account#7', { processed: 2, seen: 2 });
    const noteId = await rig.note();

    expect(await ring(rig, 'account#7')).toStrictEqual({ kind: 'up-to-date' });
    expect(await ring(rig, noteId)).toStrictEqual({ kind: 'up-to-date' });
    expect(rig.bell.rung).toStrictEqual([]);
  });

  it('tells when the event that the group waits for is gone', async () => {
    const rig = createOpsRig();
    await rig.place('account#7', { processed: 4, seen: 9, waitingFor: waitingFor(5) });

    expect(await ring(rig, 'account#7')).toStrictEqual({ kind: 'gone', sequence: 5 });
  });
});

describe('ringHeld', () => {
  it('rings for every group whose event is dead, none that is still retried, at its pace', async () => {
    const rig = createOpsRig();
    for (const account of ['1', '2', '3', '4']) {
      await rig.deposit(account);
      const state = account === '3' ? 'retrying' : 'dead';
      await rig.place(`account#${account}`, { seen: 1, waitingFor: waitingFor(1, { state }) });
    }
    const slept: number[] = [];
    const pace = createPace({
      unitsPerSecond: 2,
      clock: rig.clock,
      sleep: async (ms) => {
        slept.push(ms);
        rig.clock.advance(ms);
      },
    });

    const rung = await gathered(ringHeld({ ...rig, pace }));

    expect(rung.map(({ group }) => group)).toStrictEqual(['account#1', 'account#2', 'account#4']);
    expect(rig.bell.rung).toHaveLength(3);
    expect(slept).toStrictEqual([500, 500, 500]);
  });
});
