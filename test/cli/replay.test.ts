import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { replay } from '../../cli/commands/replay.ts';
import { createOperation } from './operation-under-test.ts';

const PLAN = {
  verb: 'plan',
  consumer: 'billing',
  since: undefined,
  until: undefined,
  group: undefined,
  reason: '',
  by: undefined,
  run: 'run-1',
  groupsPerSecond: 10,
  iKnow: false,
  yes: false,
} as const;
const START = { ...PLAN, verb: 'start', reason: 'a wrong rate' } as const;

async function createHandled(options: Parameters<typeof createOperation>[0] = {}) {
  const created = createOperation(options);
  await created.rig.deposit('7', 2);
  await created.rig.place('account#7', { processed: 2, seen: 2 });
  return created;
}

describe('replay', () => {
  it('plans, and changes nothing', async () => {
    const { operation, out, rig } = await createHandled();

    expect(await replay(PLAN, operation)).toBe(0);

    expect(out).toStrictEqual([
      'GROUP      FROM  TO  EVENTS  WHAT',
      'account#7  1     2   2       planned',
      '2 events of 1 groups would be replayed, in 1 s or more; 0 groups refused; 2 items, 3 read units',
    ]);
    expect(await rig.cursor('account#7')).toMatchObject({ processed: 2, generation: 0 });
  });

  it('starts after the operator agreed, and says how to go on', async () => {
    const { operation, notes, rig } = await createHandled({ answer: true });

    expect(await replay(START, operation)).toBe(0);

    expect(notes).toStrictEqual([
      "'billing' will handle events of every group that the plan shows again. Start the replay?",
      'run run-1: if this is interrupted, add --run run-1 to go on',
    ]);
    expect(await rig.cursor('account#7')).toMatchObject({
      processed: 0,
      seen: 2,
      generation: 1,
      replay: { run: 'run-1', upTo: 2, by: 'ann@desk', reason: 'a wrong rate' },
    });
    expect(rig.queue.resent).toHaveLength(1);
  });

  it('does nothing if the operator declines, and needs --yes without a terminal', async () => {
    const { operation, rig } = await createHandled({ answer: false });
    expect(await replay(START, operation)).toBe(1);
    expect(await rig.cursor('account#7')).toMatchObject({ generation: 0 });

    const { operation: piped } = await createHandled();
    await expect(replay(START, piped)).rejects.toThrow('add --yes');
  });

  it.each([
    ['replay', "replay needs one of plan, start, got ''"],
    ['replay start --consumer billing', '--reason'],
    ['replay plan --consumer billing --yes', '--yes is for replay start only'],
    [
      'replay plan --consumer billing --since yesterday',
      "--since must be a time such as 2026-11-20T06:00:00Z, got 'yesterday'",
    ],
    ['replay plan --consumer billing --since 2026-11-21 --until 2026-11-20', '--since must not be after --until'],
  ])('refuses: %s', (line, problem) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(problem);
  });
});
