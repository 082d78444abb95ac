import { describe, expect, it } from 'vitest';
import { noteDeadline, remainingMs } from '../../../lib/shared/deadline.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const clockAt = (now: number) => ({ now: () => now as EpochMs });

describe('a signal with a known deadline', () => {
  it('returns the remaining time, and never less than zero', () => {
    const { signal } = new AbortController();
    noteDeadline(signal, 5_000 as EpochMs);

    expect([1_000, 5_000, 9_000].map((now) => remainingMs(signal, clockAt(now)))).toStrictEqual([4_000, 0, 0]);
  });

  it('returns zero after it has aborted', () => {
    const signal = AbortSignal.abort();
    noteDeadline(signal, 5_000 as EpochMs);

    expect(remainingMs(signal, clockAt(1_000))).toBe(0);
  });
});

it('a signal without a known deadline returns no remaining time', () => {
  expect(remainingMs(new AbortController().signal, clockAt(1_000))).toBeUndefined();
});
