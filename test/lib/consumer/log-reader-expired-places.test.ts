import { describe, expect, it } from 'vitest';
import type { LogEnd, LogEntry } from '../../../lib/consumer/index.ts';
import { areExpired } from '../../../lib/consumer/log-reader.ts';
import { addMs, type EpochSeconds } from '../../../lib/shared/time.ts';
import { createLog, logged, NOW, NOW_SECONDS } from './log-fixture.ts';

const later = (NOW_SECONDS + 1) as EpochSeconds;

const ask = (entries: readonly LogEntry[], end?: LogEnd) =>
  areExpired({ log: createLog(() => entries, end), clock: { now: () => NOW } }, 'g', { from: 4, to: 5 });

const youngest = { committedAt: addMs(NOW, -3_600_000) };
const settled = { committedAt: addMs(NOW, -3_600_001) };

describe('missing places', () => {
  it.each<[string, boolean, readonly LogEntry[], LogEnd | undefined]>([
    [
      'the next place says that those before it are over',
      true,
      [logged(6, { previousExpires: NOW_SECONDS })],
      undefined,
    ],
    ['it says that they are not', false, [logged(6, { previousExpires: later, ...settled })], undefined],
    ['what stands behind them is over itself', true, [logged(3), logged(6, { expires: NOW_SECONDS })], undefined],
    ['it is not over', false, [logged(3), logged(6, { expires: later, ...settled })], undefined],
    ['they are the beginning of what older code wrote', true, [logged(6, settled)], undefined],
    ['they are, and a read may still miss them', false, [logged(6, youngest)], undefined],
    ['older code wrote something before them', false, [logged(3), logged(6, settled)], undefined],
    ['the head says that all is over', true, [], { last: 5, lastExpires: NOW_SECONDS }],
    ['it says that it is not', false, [], { last: 5, lastExpires: later }],
    ['it says so of fewer places', false, [], { last: 4, lastExpires: NOW_SECONDS }],
    ['nothing is left of the group', true, [], undefined],
    ['a head of older code knows the places, and nothing is left', true, [], { last: 5, lastExpires: undefined }],
    ['such a head does not know them', false, [], { last: 4, lastExpires: undefined }],
    ['something is left before them', false, [logged(3)], { last: 5, lastExpires: undefined }],
  ])('where %s are certainly taken by retention: %s', async (_what, expired, entries, end) => {
    expect(await ask(entries, end)).toBe(expired);
  });

  it('are judged by what stands behind them, and by what stands before them, not by themselves', async () => {
    const askOfOne = (entries: readonly LogEntry[]) =>
      areExpired({ log: createLog(() => entries), clock: { now: () => NOW } }, 'g', { from: 5, to: 5 });

    expect(await askOfOne([logged(4, { expires: NOW_SECONDS }), logged(6, settled)])).toBe(false);
    expect(await askOfOne([logged(6, settled)])).toBe(true);
  });
});
