import { describe, expect, it } from 'vitest';
import { pause, resume } from '../../cli/commands/pause.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const PAUSE = { verb: 'pause', consumer: 'billing', group: 'account#7', reason: 'disputed', by: undefined } as const;
const RESUME = { consumer: 'billing', group: 'account#7', by: undefined };
const LIST = { verb: 'list', consumer: undefined } as const;

async function createGroup(options: OperationOptions = {}) {
  const under = createOperation(options);
  await under.rig.deposit('7', 3);
  await under.rig.place('account#7', { processed: 1, seen: 2 });
  return under;
}

describe('pause', () => {
  it('pauses a group, lists it, and resumes it', async () => {
    const { operation, out, rig } = await createGroup();

    expect(await pause(PAUSE, operation)).toBe(0);
    rig.clock.advance(240_000);
    expect(await pause(PAUSE, operation)).toBe(0);
    expect(await pause(LIST, operation)).toBe(0);
    expect(await resume(RESUME, operation)).toBe(0);
    expect(await pause(LIST, operation)).toBe(0);

    expect(out).toStrictEqual([
      "paused group account#7 for 'billing' after event 1: see pause list, and resume",
      "group account#7 has been paused for 'billing' by ann@desk since 2026-11-20 06:00:00Z: disputed",
      'CONSUMER  GROUP      SINCE  BEHIND  BY        REASON',
      'billing   account#7  4 min  1       ann@desk  disputed',
      "resumed group account#7 for 'billing', paused by ann@desk for 4 min; resent event 3 (event-3): the consumer reads the missing events before it from the log",
      'nothing is paused',
    ]);
  });

  it('answers one line of JSON', async () => {
    const { operation, out } = await createGroup({ json: true });

    await pause({ ...PAUSE, by: 'bob' }, operation);
    await pause(LIST, operation);
    await resume(RESUME, operation);

    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { consumer: 'billing', group: 'account#7', kind: 'paused', pause: { by: 'bob' } },
      { environment: 'dev', paused: [{ group: 'account#7', by: 'bob', behind: 1, since: '2026-11-20T06:00:00.000Z' }] },
      { kind: 'resumed', record: { by: 'bob', resumedBy: 'ann@desk' }, resent: { kind: 'resent', sequence: 3 } },
    ]);
  });

  it('does nothing to a group that the consumer does not know, or that is not paused', async () => {
    const { operation, out, notes } = createOperation();

    expect(await pause(PAUSE, operation)).toBe(1);
    expect(await resume(RESUME, operation)).toBe(0);

    expect(notes).toStrictEqual(["nothing was done: 'billing' has not received an event of group account#7 yet"]);
    expect(out).toStrictEqual(["group account#7 is not paused for 'billing'; nothing was sent"]);
  });

  it('pauses a whole consumer, and resumes it', async () => {
    const { operation, out, rig, polled } = createOperation();
    const whole = { ...PAUSE, consumer: 'mail', group: undefined };

    expect(await pause(whole, operation)).toBe(0);
    rig.clock.advance(60_000);
    expect(await pause({ ...whole, by: 'bob' }, operation)).toBe(0);
    await pause(LIST, operation);
    expect(polled).toStrictEqual([false, false]);
    expect(await resume({ ...RESUME, consumer: 'mail', group: undefined }, operation)).toBe(0);
    expect(await resume({ ...RESUME, consumer: 'mail', group: undefined }, operation)).toBe(0);

    expect(polled).toStrictEqual([false, false, true, true]);
    expect(out).toStrictEqual([
      "paused 'mail': within a minute or so it receives no more messages; see pause list, and resume",
      "'mail' has been paused by ann@desk since 2026-11-20 06:00:00Z: disputed",
      'CONSUMER  GROUP  SINCE  BEHIND  BY        REASON',
      'billing   (all)  1 min  0       ann@desk  disputed',
      'mail      (all)  1 min  0       ann@desk  disputed',
      "resumed 'mail', paused by ann@desk for 1 min",
      "'mail' was not paused; its queue is polled",
    ]);
  });

  it('refuses a group of a consumer without order', async () => {
    const { operation } = await createGroup();

    await expect(pause({ ...PAUSE, consumer: 'mail' }, operation)).rejects.toMatchObject({ code: 'OPS_USAGE' });
  });
});
