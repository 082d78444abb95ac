import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { pause, resume } from '../../cli/commands/pause.ts';
import { status } from '../../cli/commands/status.ts';
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

  it('pauses the relay and the sweeper, shows it in the status, and resumes them', async () => {
    const { operation, out, polled, rig } = createOperation();
    const relay = { ...PAUSE, consumer: '', group: undefined, publisher: 'relay' } as const;

    expect(await pause(relay, operation)).toBe(0);
    expect(await pause({ ...relay, publisher: 'sweeper', by: 'bob' }, operation)).toBe(0);
    rig.clock.advance(60_000);
    await pause(LIST, operation);
    await status({ consumer: 'mail', everySeconds: undefined }, operation);
    expect(await resume({ ...RESUME, consumer: '', group: undefined, publisher: 'relay' }, operation)).toBe(0);

    expect(polled).toStrictEqual([false, false, true]);
    expect(out).toStrictEqual([
      "paused '(relay)': within a minute or so it is invoked no more; see pause list, and resume",
      "paused '(sweeper)': within a minute or so it is invoked no more; see pause list, and resume",
      'CONSUMER   GROUP  SINCE  BEHIND  BY        REASON',
      '(relay)    (all)  1 min          ann@desk  disputed',
      '(sweeper)  (all)  1 min          bob       disputed',
      'environment  dev',
      'at           2026-11-20 06:01:00Z',
      'pending      0',
      'quarantined  0',
      'relay        paused by ann@desk for 1 min: disputed',
      'sweeper      paused by bob for 1 min: disputed',
      '',
      'CONSUMER  QUEUE  IN FLIGHT  DEAD  UNDELIVERABLE  RETRYING  DEFERRED  HELD GROUPS  WAIT  PAUSED',
      'mail      0      0          0     0              0         0',
      "resumed '(relay)', paused by ann@desk for 1 min",
    ]);
  });

  it.each([
    ['pause --relay --sweeper --reason r', '--relay and --sweeper exclude each other: give one of them'],
    ['pause --relay --group g --reason r', '--relay and --group exclude each other: give one of them'],
    ['resume --sweeper --consumer billing', '--sweeper and --consumer exclude each other: give one of them'],
    ['pause list --relay', '--relay is not for pause list'],
    ['pause --reason r', '--consumer is missing'],
  ])('refuses %s', (line, message) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(message);
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
      "paused 'mail': within a minute or so it is invoked no more; see pause list, and resume",
      "'mail' has been paused by ann@desk since 2026-11-20 06:00:00Z: disputed",
      'CONSUMER  GROUP  SINCE  BEHIND  BY        REASON',
      'billing   (all)  1 min  0       ann@desk  disputed',
      'mail      (all)  1 min  0       ann@desk  disputed',
      "resumed 'mail', paused by ann@desk for 1 min",
      "'mail' was not paused; it is invoked",
    ]);
  });

  it('refuses a group of a consumer without order', async () => {
    const { operation } = await createGroup();

    await expect(pause({ ...PAUSE, consumer: 'mail' }, operation)).rejects.toMatchObject({ code: 'OPS_USAGE' });
  });
});
