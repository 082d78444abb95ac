import type { EngineClock } from '../clock.ts';

export interface ThrottleLimits {
  /** Requests per second in the long run. */
  readonly rateLimit: number | undefined;
  /** Requests at once. */
  readonly burstLimit: number | undefined;
}

/** Takes one request; false when there are too many. */
export type Throttle = () => boolean;

/** A token bucket, as API Gateway throttles; without limits it takes everything. */
export function createThrottle(clock: EngineClock, { rateLimit, burstLimit }: ThrottleLimits): Throttle {
  if (rateLimit === undefined && burstLimit === undefined) return () => true;
  const rate = rateLimit ?? Number.POSITIVE_INFINITY;
  const capacity = burstLimit ?? Math.max(rate, 1);
  let tokens = capacity;
  let countedAt = clock.now();

  return () => {
    const now = clock.now();
    const gained = now > countedAt ? ((now - countedAt) / 1000) * rate : 0;
    tokens = Math.min(tokens + gained, capacity);
    countedAt = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
