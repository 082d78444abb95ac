import type { Sleep } from '../shared/backoff.ts';
import type { Clock } from '../shared/time.ts';

/** Keeps what is spent below a rate. */
export interface RateLimiter {
  /** Resolves when the next may begin. */
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
