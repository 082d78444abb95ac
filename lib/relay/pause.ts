import type { Clock, EpochMs } from '../shared/time.ts';

export interface PauseDeps {
  readonly clock: Clock;
  sleep(ms: number): Promise<void>;
  /** From 0 inclusive to 1 exclusive. */
  random(): number;
}

/** Exponential backoff with full jitter: a wait is anything between 0 and min(maxMs, baseMs × 2^attempt). */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Waits before attempt `attempt + 1` (attempts count from 0).
 * @returns false, at once, when the wait would not end before `until`
 */
export async function pause(deps: PauseDeps, policy: BackoffPolicy, attempt: number, until: EpochMs): Promise<boolean> {
  const delayMs = deps.random() * Math.min(policy.maxMs, policy.baseMs * 2 ** attempt);
  if (deps.clock.now() + delayMs >= until) return false;
  await deps.sleep(delayMs);
  return true;
}
