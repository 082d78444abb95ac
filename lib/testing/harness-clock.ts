import { addMs, type Clock, type EpochMs } from '../shared/time.ts';

/** A clock that a test moves. */
export interface HarnessClock extends Clock {
  advance(delayMs: number): void;
  /** Does nothing if the instant is in the past. */
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
