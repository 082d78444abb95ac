import { describe, expect, it } from 'vitest';
import { pause } from '../../../lib/shared/backoff.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';

const T0 = 1_700_000_000_000 as EpochMs;
const POLICY = { baseMs: 100, capMs: 1_000 };

function depsWith(random: number) {
  const sleptMs: number[] = [];
  return {
    sleptMs,
    clock: { now: () => T0 },
    sleep: async (ms: number) => void sleptMs.push(ms),
    random: () => random,
  };
}

describe('pause', () => {
  it.each([
    [1, 50],
    [2, 100],
    [4, 400],
    [5, 500],
    [61, 500],
  ])('waits after %i failed attempts, with half the jitter, for %i ms', async (attempt, expectedMs) => {
    const deps = depsWith(0.5);

    expect(await pause(deps, POLICY, attempt, addMs(T0, 60_000))).toBe(true);
    expect(deps.sleptMs).toEqual([expectedMs]);
  });

  it('does not wait if the pause exceeds the time limit', async () => {
    const deps = depsWith(0.5);

    expect(await pause(deps, POLICY, 1, addMs(T0, 50))).toBe(false);
    expect(deps.sleptMs).toEqual([]);
  });
});
