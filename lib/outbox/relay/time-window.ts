import { addMs, type EpochMs } from '../../shared/time.ts';

/** Until when something may go on. */
export interface TimeWindow {
  readonly until: EpochMs;
  /** Fires at `until`, so that a request that hangs does not outlive it. */
  readonly signal: AbortSignal;
}

export interface RelayWindows {
  readonly publishing: TimeWindow;
  readonly cleaningUp: TimeWindow;
}

/** What a full batch (10,000 markers in 400 requests, four at a time, some 10 ms each) needs, and as much for retries. */
const CLEAN_UP_RESERVE_MS = 2_000;

/** For the answer to Lambda and the metrics: without them, everything that was done is done again. */
const ANSWER_RESERVE_MS = 250;

/** A short function timeout must still leave most of its time for publishing. */
const RESERVES_MAX_RATIO = 0.5;

/**
 * Divides what is left of the invocation.
 * @param remainingMs as the Lambda context says
 * @param signalAfter a signal that fires after so many milliseconds: `AbortSignal.timeout`
 */
export function divideTime(now: EpochMs, remainingMs: number, signalAfter: (ms: number) => AbortSignal): RelayWindows {
  const reservesMs = CLEAN_UP_RESERVE_MS + ANSWER_RESERVE_MS;
  const ratio = Math.min(1, (RESERVES_MAX_RATIO * remainingMs) / reservesMs);
  const window = (ms: number): TimeWindow => ({ until: addMs(now, ms), signal: signalAfter(ms) });
  return {
    publishing: window(Math.max(0, Math.floor(remainingMs - ratio * reservesMs))),
    cleaningUp: window(Math.max(0, Math.floor(remainingMs - ratio * ANSWER_RESERVE_MS))),
  };
}
