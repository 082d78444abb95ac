import { addMs, type EpochMs } from '../../shared/time.ts';

/** The end of a work phase. */
export interface TimeWindow {
  readonly until: EpochMs;
  /** Aborted at `until`, so that a request that hangs ends with it. */
  readonly signal: AbortSignal;
}

export interface RelayWindows {
  readonly publishing: TimeWindow;
  readonly cleaningUp: TimeWindow;
}

/**
 * Time for a full batch (10,000 markers in 400 requests, four at a time, about 10 ms each), and as much for retries.
 */
const CLEAN_UP_RESERVE_MS = 2_000;

/** Time for the response to Lambda and the metrics. Without them, all work is repeated. */
const ANSWER_RESERVE_MS = 250;

/** With a short function timeout, most of the time must remain for publishing. */
const RESERVES_MAX_RATIO = 0.5;

/**
 * Divides the remaining time of the invocation.
 * @param remainingMs as the Lambda context returns it
 * @param signalAfter returns a signal that is aborted after so many milliseconds: `AbortSignal.timeout`
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
