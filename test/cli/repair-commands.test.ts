import { describe, expect, it } from 'vitest';
import { fill } from '../../cli/commands/fill.ts';
import { heads } from '../../cli/commands/heads.ts';
import { keep } from '../../cli/commands/keep.ts';
import { blockedBy } from '../lib/operations/rig.ts';
import { createOperation } from './operation-under-test.ts';

const FILL = { group: 'account#7', from: 1, to: 3, reason: 'lost', by: undefined, yes: true };
const HEADS = { reason: 'restored', by: undefined, readUnitsPerSecond: 100, apply: false };

describe('keep', () => {
  it('keeps every held group, and fails if the log has already lost events', async () => {
    const { rig, operation, out } = createOperation();
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    await rig.place('account#8', { seen: 3, blockedBy: blockedBy(1, { state: 'retrying' }) });

    expect(await keep({ consumer: 'billing', group: undefined, days: 30 }, operation)).toBe(1);

    expect(out).toStrictEqual(['account#7  kept 2 of the events 1 to 3 for 30 days from now; the log no longer had 2']);
  });

  it('reports if no group is held, and if a group has no cursor', async () => {
    const { operation, out } = createOperation();

    expect(await keep({ consumer: 'billing', group: undefined, days: 30 }, operation)).toBe(0);
    expect(await keep({ consumer: 'billing', group: 'account#9', days: 30 }, operation)).toBe(1);

    expect(out).toStrictEqual([
      "no group of 'billing' is held",
      'account#9  nothing was kept: the consumer has no cursor for this group',
    ]);
  });
});

describe('fill', () => {
  it('reports what it marked, and what it left', async () => {
    const { operation, out } = createOperation();

    expect(await fill(FILL, operation)).toBe(0);

    expect(out).toStrictEqual([
      'marked 2 places of group account#7 as empty; 3 not changed, because they are not empty',
    ]);
  });

  it('does nothing beyond the end of the group, or without confirmation', async () => {
    const { operation, notes } = createOperation({ answer: false });

    expect(await fill({ ...FILL, to: 4 }, operation)).toBe(1);
    expect(await fill({ ...FILL, yes: false }, operation)).toBe(1);
    await expect(fill({ ...FILL, yes: false }, createOperation().operation)).rejects.toMatchObject({
      code: 'OPS_USAGE',
    });

    expect(notes).toStrictEqual([
      'nothing was done: group account#7 has used its sequences up to 3 only',
      'No consumer will ever handle events 1 to 3 of account#7. Mark them as empty?',
      'nothing was done',
    ]);
  });
});

describe('heads', () => {
  it('only reports which heads are behind, unless --apply is given', async () => {
    const { operation, out } = createOperation();

    expect(await heads(HEADS, operation)).toBe(1);

    expect(out).toStrictEqual([
      'GROUP      HEAD  SEEN  RAISED',
      'account#7  0     4     no',
      '1 heads behind what a consumer has seen; 1 cursors, 1 read units',
      'nothing was changed: add --apply to raise them',
    ]);
  });
});
