import { describe, expect, it } from 'vitest';
import { typeHash } from '../../../lib/consumer/cursor.ts';
import { createRateLimiter, resend, resendHeld } from '../../../lib/operations/index.ts';
import { Audited } from '../../fixtures/events.ts';
import { blockedBy, createOpsRig, gathered } from './rig.ts';

describe('resend', () => {
  it('sends the event that blocks the group, as stored in the log', async () => {
    const rig = createOpsRig();
    const [id] = await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });

    const result = await resend(rig, 'account#7');

    expect(result).toMatchObject({ kind: 'resent', why: 'waited-for', event: { id, sequence: 1 } });
    expect(rig.queue.resent.map(({ group, body }) => [group, JSON.parse(body).id])).toStrictEqual([['account#7', id]]);
  });

  it('sends the last event that the consumer handles if no event blocks the group', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { processed: 1, seen: 1 });

    const result = await resend(rig, 'account#7');

    expect(result).toMatchObject({ kind: 'resent', why: 'behind', event: { sequence: 3 } });
  });

  it('sends the last event of a group without a cursor', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);

    expect(await resend(rig, 'account#7')).toMatchObject({ kind: 'resent', event: { sequence: 2 } });
  });

  it('sends nothing if all events are processed, or if the log holds no event that the consumer handles', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);
    await rig.place('account#7', { processed: 2, seen: 2 });
    const noteId = await rig.note();

    expect(await resend(rig, 'account#7')).toStrictEqual({ kind: 'up-to-date' });
    expect(await resend(rig, noteId)).toStrictEqual({ kind: 'up-to-date' });
    expect(rig.queue.resent).toStrictEqual([]);
  });

  it('sends an event that other code has seen and handles, although this code does not', async () => {
    const rig = createOpsRig();
    const group = await rig.note();
    await rig.place(group, {
      processed: 0,
      seen: 1,
      seenTypes: [typeHash({ source: Audited.source, type: Audited.type })],
    });

    expect(await resend(rig, group)).toMatchObject({ kind: 'resent', why: 'behind', event: { sequence: 1 } });
  });

  it('reports if the event that blocks the group is deleted', async () => {
    const rig = createOpsRig();
    await rig.place('account#7', { processed: 4, seen: 9, blockedBy: blockedBy(5) });

    expect(await resend(rig, 'account#7')).toStrictEqual({ kind: 'gone', sequence: 5 });
  });
});

describe('resendHeld', () => {
  it('resends the dead letter of every held group through the rate limiter, and no event that is still retried', async () => {
    const rig = createOpsRig();
    for (const account of ['1', '2', '3', '4']) {
      await rig.deposit(account);
      const state = account === '3' ? 'retrying' : 'dead';
      await rig.place(`account#${account}`, { seen: 1, blockedBy: blockedBy(1, { state }) });
    }
    const slept: number[] = [];
    const limiter = createRateLimiter({
      unitsPerSecond: 2,
      clock: rig.clock,
      sleep: async (ms) => {
        slept.push(ms);
        rig.clock.advance(ms);
      },
    });

    const resent = await gathered(resendHeld({ ...rig, limiter }));

    expect(resent.map(({ group }) => group)).toStrictEqual(['account#1', 'account#2', 'account#4']);
    expect(rig.queue.resent).toHaveLength(3);
    expect(slept).toStrictEqual([500, 500, 500]);
  });
});
