import type { Clock, EpochMs } from './time.ts';

export interface Backoff {
  /** Longest wait before the first repetition, in milliseconds. */
  readonly baseMs: number;
  /** Longest wait of all, in milliseconds. */
  readonly capMs: number;
}

/**
 * Exponential backoff with full jitter: anything from 0 up to `baseMs` doubled per attempt, `capMs` at most.
 * @param attempt how many tries have failed, from 1
 * @param random from 0 up to but not including 1
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export const fullJitterMs = ({ baseMs, capMs }: Backoff, attempt: number, random: () => number): number =>
  random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));

/** Resolves `delayMs` from now. */
export type Sleep = (delayMs: number) => Promise<void>;

export const systemSleep: Sleep = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));

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
