import { addMs, type Clock, type EpochMs } from '../shared/time.ts';

/** Time that stands still until it is moved. */
export interface HarnessClock extends Clock {
  advance(delayMs: number): void;
  /** Does nothing where the instant is past. */
  advanceTo(instant: EpochMs): void;
}

export function createHarnessClock(startsAt: EpochMs): HarnessClock {
  let now = startsAt;
  return {
    now: () => now,
    advance: (delayMs) => {
      now = addMs(now, delayMs);
    },
    advanceTo: (instant) => {
      if (instant > now) now = instant;
    },
  };
}
