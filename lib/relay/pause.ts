import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import type { Clock, EpochMs } from '../shared/time.ts';

export interface PauseDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Waits before the next try.
 * @param attempt how many tries have failed, from 1
 * @returns false, at once, when the wait would not end before `until`
 */
export async function pause(deps: PauseDeps, backoff: Backoff, attempt: number, until: EpochMs): Promise<boolean> {
  const delayMs = fullJitterMs(backoff, attempt, deps.random);
  if (deps.clock.now() + delayMs >= until) return false;
  await deps.sleep(delayMs);
  return true;
}
