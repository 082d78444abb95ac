import { bulkhead, isBulkheadRejectedError, isTaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel';
import { remainingMs } from '../shared/deadline.ts';
import type { Clock } from '../shared/time.ts';
import type { Breaker } from './breaker.ts';
import { BulkheadFullError, ExternalDeadlineError, ExternalTimeoutError } from './errors.ts';
import type { PolicyLimits } from './policy-options.ts';

type Work<Answer> = (signal: AbortSignal) => Promise<Answer>;

export interface OneTryDeps {
  readonly name: string;
  readonly limits: Pick<PolicyLimits, 'timeoutMs' | 'bulkhead'>;
  readonly breaker: Breaker;
  readonly clock: Clock;
}

/** A single try: it waits for its place, asks the breaker, and is ended when it takes too long. */
export function createOneTry({ name, limits, breaker, clock }: OneTryDeps) {
  const { timeoutMs } = limits;
  const { maxConcurrent, maxQueued } = limits.bulkhead;
  const places = bulkhead(maxConcurrent, maxQueued);

  const assertTime = (signal: AbortSignal): void => {
    const leftMs = remainingMs(signal, clock);
    if (leftMs !== undefined && leftMs < timeoutMs) {
      throw new ExternalDeadlineError(name, `${leftMs} ms are too few to begin a call of up to ${timeoutMs} ms to`);
    }
  };

  const timed = async <Answer>(work: Work<Answer>, signal: AbortSignal): Promise<Answer> => {
    assertTime(signal);
    const limit = timeout(timeoutMs, TimeoutStrategy.Aggressive);
    let isOver = false;
    limit.onTimeout(() => {
      isOver = true;
    });
    try {
      return await limit.execute((context) => work(context.signal), signal);
    } catch (error) {
      // what the work throws when its signal fires may come before the library's own error
      if (!isOver && !isTaskCancelledError(error)) throw error;
      throw signal.aborted
        ? new ExternalDeadlineError(name, "the caller's time ended during a call to", { cause: error })
        : new ExternalTimeoutError(name, timeoutMs);
    }
  };

  return async <Answer>(work: Work<Answer>, signal: AbortSignal): Promise<Answer> => {
    try {
      return await places.execute(() => {
        // before the breaker, too: what has no time for it must not be its trial call
        assertTime(signal);
        return breaker.execute(() => timed(work, signal), signal);
      }, signal);
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw new BulkheadFullError(name, maxConcurrent, maxQueued);
      if (!isTaskCancelledError(error)) throw error;
      throw new ExternalDeadlineError(name, "the caller's time ended before a call to", { cause: error });
    }
  };
}
