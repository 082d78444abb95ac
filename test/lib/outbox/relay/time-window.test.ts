import { describe, expect, it } from 'vitest';
import { divideTime } from '../../../../lib/outbox/relay/time-window.ts';
import type { EpochMs } from '../../../../lib/shared/time.ts';

const T0 = 1_700_000_000_000 as EpochMs;

describe('divideTime', () => {
  it.each([
    [60_000, 57_750, 59_750],
    [4_500, 2_250, 4_250],
    [900, 450, 850],
    // whole milliseconds, and never more than there are
    [901, 450, 850],
    [0, 0, 0],
  ])('splits %i ms into publishing for %i and cleanup until %i', (remainingMs, publishingMs, cleaningUpMs) => {
    const signals: number[] = [];
    const signalAfter = (ms: number) => {
      signals.push(ms);
      return new AbortController().signal;
    };

    const { publishing, cleaningUp } = divideTime(T0, remainingMs, signalAfter);

    expect([publishing.until - T0, cleaningUp.until - T0]).toEqual([publishingMs, cleaningUpMs]);
    expect(signals).toEqual([publishingMs, cleaningUpMs]);
  });
});
