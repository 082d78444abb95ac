import type { Clock, EpochMs } from './time.ts';

export interface Backoff {
  /** Maximum wait before the first retry, in milliseconds. */
  readonly baseMs: number;
  /** Maximum wait before any retry, in milliseconds. */
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
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Waits before the next attempt.
 * @param attempt number of failed attempts, from 1
 * @returns false, immediately, if the wait would not end before `until`
 */
export async function pause(deps: PauseDeps, backoff: Backoff, attempt: number, until: EpochMs): Promise<boolean> {
  const delayMs = fullJitterMs(backoff, attempt, deps.random);
  if (deps.clock.now() + delayMs >= until) return false;
  await deps.sleep(delayMs);
  return true;
}
