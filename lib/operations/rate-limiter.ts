import type { Sleep } from '../shared/backoff.ts';
import type { Clock } from '../shared/time.ts';

/** Limits the rate of units. */
export interface RateLimiter {
  /** Resolves when the next call may start. */
  spend(units: number): Promise<void>;
}

export interface RateLimiterOptions {
  readonly unitsPerSecond: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

export function createRateLimiter({ unitsPerSecond, clock, sleep }: RateLimiterOptions): RateLimiter {
  let freeAt = 0;
  return {
    async spend(units) {
      const now = clock.now();
      freeAt = Math.max(freeAt, now) + (units / unitsPerSecond) * 1000;
      await sleep(freeAt - now);
    },
  };
}
