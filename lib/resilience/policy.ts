import {
  bulkhead,
  DelegateBackoff,
  fallback as fallbackTo,
  handleWhen,
  isBulkheadRejectedError,
  isTaskCancelledError,
  retry,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import { hasCode } from '../definitions/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { remainingMs } from '../shared/deadline.ts';
import type { Clock } from '../shared/time.ts';
import { type Breaker, type BreakerState, createBreaker } from './breaker.ts';
import { BreakerOpenError, BulkheadFullError, ExternalDeadlineError, ExternalTimeoutError } from './errors.ts';
import { askedWaitMs, classifyFailure, type FailureClass } from './failure-class.ts';
import { limitsFrom, type PolicyLimitOptions, type PolicyLimits } from './policy-options.ts';
import type { PolicyObserver } from './policy-telemetry.ts';

export interface PolicyOptions extends PolicyLimitOptions {
  /** Name of the external system in messages, logs and metrics: `payment-gateway`. */
  readonly name: string;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly observer: PolicyObserver;
  /** @default classifyFailure, which uses the error codes of this module */
  readonly classify?: (error: unknown) => FailureClass;
}

export interface RunOptions<Answer> {
  /** Ends the run. If it has a deadline, attempts that cannot end in time are not started. */
  readonly signal: AbortSignal;
  /** Result to return if the system did not respond. @default - the error is thrown */
  readonly fallback?: ((error: unknown) => Answer | Promise<Answer>) | undefined;
  /** Limits of this run, in place of the policy's. @default - the policy's */
  readonly limits?: RunLimits | undefined;
}

/** What may differ from run to run; breaker and bulkhead are of the system. */
export type RunLimits = Pick<PolicyLimitOptions, 'timeoutMs' | 'retry'>;

/**
 * Fallback, retry, bulkhead, breaker and timeout for one external system. Create one per system and container, because
 * it keeps the breaker's state.
 */
export interface Policy {
  readonly name: string;
  breakerState(): BreakerState;
  /**
   * Runs `work`, with retries. The work MUST be idempotent.
   * @throws BreakerOpenError `BREAKER_OPEN`, also instead of the failure that opened the breaker
   * @throws BulkheadFullError `BULKHEAD_FULL`
   * @throws ExternalTimeoutError `EXTERNAL_TIMEOUT`
   * @throws ExternalDeadlineError `EXTERNAL_DEADLINE`
   * @throws PolicyInvalidError `POLICY_INVALID` listing all problems of `limits`
   * and the error of the last attempt
   */
  run<Answer>(work: (signal: AbortSignal) => Promise<Answer>, options: RunOptions<Answer>): Promise<Answer>;
}

/**
 * Composes, from the outside in: fallback, retry, bulkhead, breaker, timeout. The timeout therefore excludes the time
 * in the queue, refusals of the bulkhead do not count as failures of the system, and every attempt counts for the
 * breaker.
 *
 * @example
 * const policy = createPolicy({ name: 'tax-service', timeoutMs: 800, clock, random, observer });
 * const rate = await policy.run((signal) => fetchRate(country, signal), { signal });
 *
 * @throws PolicyInvalidError `POLICY_INVALID` listing all problems
 */
export function createPolicy(options: PolicyOptions): Policy {
  const { name, clock, random, observer, classify = classifyFailure } = options;
  const limits = limitsFrom(name, options);
  const breaker = createBreaker({
    name,
    limits: limits.breaker,
    clock,
    isFailure: (error) => classify(error) === 'outage',
    isInconclusive: (error) => hasCode(error, 'EXTERNAL_DEADLINE'),
    onChange: (change) => observer.breakerChanged(name, change),
  });

  const tryOnce = createAttempt({ name, limits, breaker, clock });

  /** Undefined if a retry would not help or could not end in time. */
  const waitBeforeNext = (
    error: unknown,
    tries: number,
    { signal, timeoutMs, retry: retries }: Run,
  ): number | undefined => {
    const askedMs = askedWaitMs(error);
    if (classify(error) === 'final' || breaker.state() === 'open' || askedMs > retries.capMs) return undefined;
    const delayMs = Math.max(fullJitterMs(retries, tries, random), askedMs);
    const leftMs = remainingMs(signal, clock);
    return leftMs === undefined || leftMs >= delayMs + timeoutMs ? delayMs : undefined;
  };

  const tried = async <Answer>(work: Work<Answer>, run: Run) => {
    const { signal } = run;
    let tries = 0;
    let delayMs: number | undefined;
    const again = handleWhen((error) => {
      delayMs = waitBeforeNext(error, tries, run);
      return delayMs !== undefined;
    });
    const retrying = retry(again, {
      maxAttempts: run.retry.maxTries - 1,
      backoff: new DelegateBackoff(() => delayMs ?? 0),
    });
    retrying.onRetry((failed) => {
      const error = 'error' in failed ? failed.error : undefined;
      observer.retried(name, { tries: failed.attempt, delayMs: failed.delay, error });
    });
    try {
      return await retrying.execute(() => {
        tries += 1;
        return tryOnce(work, run);
      }, signal);
    } catch (error) {
      // report the open breaker instead of the failure that opened it, so that the event is deferred
      if (breaker.state() !== 'open' || classify(error) !== 'outage') throw error;
      const seconds = Math.max(breaker.retryAfterSeconds(), askedWaitMs(error) / 1000);
      throw new BreakerOpenError(name, seconds, { cause: error });
    }
  };

  return {
    name,
    breakerState: breaker.state,
    async run(work, { signal, fallback, limits: own }) {
      const { timeoutMs, retry: retries } = own === undefined ? limits : limitsOfRun(name, options, own);
      const run: Run = { signal, timeoutMs, retry: retries };
      const startedAt = clock.now();
      const told = async () => {
        try {
          const answer = await tried(work, run);
          observer.ended(name, { elapsedMs: clock.now() - startedAt, error: undefined });
          return answer;
        } catch (error) {
          observer.ended(name, { elapsedMs: clock.now() - startedAt, error });
          throw error;
        }
      };
      if (fallback === undefined) return told();
      let missed: unknown;
      const unanswered = handleWhen((error) => {
        missed = error;
        return classify(error) !== 'final' || NOT_CALLED.some((code) => hasCode(error, code));
      });
      return fallbackTo(unanswered, () => fallback(missed)).execute(told, signal);
    },
  };
}

/** Errors without a response of the system. */
const NOT_CALLED: readonly string[] = ['BREAKER_OPEN', 'BULKHEAD_FULL', 'EXTERNAL_DEADLINE'];

type Work<Answer> = (signal: AbortSignal) => Promise<Answer>;

/** What one run keeps to. */
interface Run extends Pick<PolicyLimits, 'timeoutMs' | 'retry'> {
  readonly signal: AbortSignal;
}

const limitsOfRun = (name: string, options: PolicyLimitOptions, own: RunLimits): PolicyLimits =>
  limitsFrom(name, {
    ...options,
    timeoutMs: own.timeoutMs ?? options.timeoutMs,
    retry: { ...options.retry, ...own.retry },
  });

interface AttemptDeps {
  readonly name: string;
  readonly limits: Pick<PolicyLimits, 'bulkhead'>;
  readonly breaker: Breaker;
  readonly clock: Clock;
}

/** Creates a single attempt: bulkhead, breaker and timeout. */
function createAttempt({ name, limits, breaker, clock }: AttemptDeps) {
  const { maxConcurrent, maxQueued } = limits.bulkhead;
  const places = bulkhead(maxConcurrent, maxQueued);

  const assertTime = ({ signal, timeoutMs }: Run): void => {
    const leftMs = remainingMs(signal, clock);
    if (leftMs !== undefined && leftMs < timeoutMs) {
      throw new ExternalDeadlineError(name, `${leftMs} ms are too short for a call of up to ${timeoutMs} ms to`);
    }
  };

  const timed = async <Answer>(work: Work<Answer>, run: Run): Promise<Answer> => {
    const { signal, timeoutMs } = run;
    assertTime(run);
    const limit = timeout(timeoutMs, TimeoutStrategy.Aggressive);
    let isOver = false;
    limit.onTimeout(() => {
      isOver = true;
    });
    try {
      return await limit.execute((context) => work(context.signal), signal);
    } catch (error) {
      // the work's own abort error may come before cockatiel's
      if (!isOver && !isTaskCancelledError(error)) throw error;
      throw signal.aborted
        ? new ExternalDeadlineError(name, "the caller's time ended during a call to", { cause: error })
        : new ExternalTimeoutError(name, timeoutMs);
    }
  };

  return async <Answer>(work: Work<Answer>, run: Run): Promise<Answer> => {
    const { signal } = run;
    try {
      return await places.execute(() => {
        // also before the breaker: a call without enough time must not be its trial call
        assertTime(run);
        return breaker.execute(() => timed(work, run), signal);
      }, signal);
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw new BulkheadFullError(name, maxConcurrent, maxQueued);
      if (!isTaskCancelledError(error)) throw error;
      throw new ExternalDeadlineError(name, "the caller's time ended before a call to", { cause: error });
    }
  };
}
