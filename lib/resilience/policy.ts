import { DelegateBackoff, fallback as fallbackTo, handleWhen, retry } from 'cockatiel';
import { hasCode } from '../contracts/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { remainingMs } from '../shared/deadline.ts';
import type { Clock } from '../shared/time.ts';
import { type BreakerState, createBreaker } from './breaker.ts';
import { BreakerOpenError } from './errors.ts';
import { askedWaitMs, classifyFailure, type FailureClass } from './failure-class.ts';
import { createOneTry } from './one-try.ts';
import { limitsFrom, type PolicyLimitOptions } from './policy-options.ts';
import type { PolicyObserver } from './policy-telemetry.ts';

export interface PolicyOptions extends PolicyLimitOptions {
  /** Of the external system, as messages, logs and metrics name it: `payment-gateway`. */
  readonly name: string;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly observer: PolicyObserver;
  /** @default classifyFailure: by the codes of this capability's errors */
  readonly classify?: (error: unknown) => FailureClass;
}

export interface RunOptions<Answer> {
  /** Ends the run. A deadline that was noted for it also keeps tries from being begun that could not end in time. */
  readonly signal: AbortSignal;
  /** What to answer where the system did not. @default - the error is thrown */
  readonly fallback?: ((error: unknown) => Answer | Promise<Answer>) | undefined;
}

/** Everything that stands between an adapter and its system; one per system and container, since it keeps the breaker. */
export interface Policy {
  readonly name: string;
  breakerState(): BreakerState;
  /**
   * Runs `work`, more than once where that may help: the work MUST be idempotent.
   * @throws BreakerOpenError `BREAKER_OPEN`, also in place of the failure that opened the breaker
   * @throws BulkheadFullError `BULKHEAD_FULL`
   * @throws ExternalTimeoutError `EXTERNAL_TIMEOUT`
   * @throws ExternalDeadlineError `EXTERNAL_DEADLINE`
   * and what `work` throws at its last try
   */
  run<Answer>(work: (signal: AbortSignal) => Promise<Answer>, options: RunOptions<Answer>): Promise<Answer>;
}

/**
 * Composes, from the outside in: fallback, retry, bulkhead, breaker, timeout. So a try that waits for its turn is not
 * timed, what the bulkhead refuses says nothing about the system, and every try counts for the breaker.
 *
 * @example
 * const policy = createPolicy({ name: 'tax-service', timeoutMs: 800, clock, random, observer });
 * const rate = await policy.run((signal) => fetchRate(country, signal), { signal });
 *
 * @throws PolicyInvalidError `POLICY_INVALID` naming everything that is wrong with the options
 */
export function createPolicy(options: PolicyOptions): Policy {
  const { name, clock, random, observer, classify = classifyFailure } = options;
  const limits = limitsFrom(name, options);
  const { timeoutMs, retry: retries } = limits;
  const breaker = createBreaker({
    name,
    limits: limits.breaker,
    clock,
    isFailure: (error) => classify(error) === 'outage',
    isInconclusive: (error) => hasCode(error, 'EXTERNAL_DEADLINE'),
    onChange: (change) => observer.breakerChanged(name, change),
  });

  const tryOnce = createOneTry({ name, limits, breaker, clock });

  /** Undefined: another try would not help, or not end in time. */
  const waitBeforeNext = (error: unknown, tries: number, signal: AbortSignal): number | undefined => {
    const askedMs = askedWaitMs(error);
    if (classify(error) === 'final' || breaker.state() === 'open' || askedMs > retries.capMs) return undefined;
    const delayMs = Math.max(fullJitterMs(retries, tries, random), askedMs);
    const leftMs = remainingMs(signal, clock);
    return leftMs === undefined || leftMs >= delayMs + timeoutMs ? delayMs : undefined;
  };

  const tried = async <Answer>(work: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal) => {
    let tries = 0;
    let delayMs: number | undefined;
    const again = handleWhen((error) => {
      delayMs = waitBeforeNext(error, tries, signal);
      return delayMs !== undefined;
    });
    const retrying = retry(again, {
      maxAttempts: retries.maxTries - 1,
      backoff: new DelegateBackoff(() => delayMs ?? 0),
    });
    retrying.onRetry((failed) => {
      const error = 'error' in failed ? failed.error : undefined;
      observer.retried(name, { tries: failed.attempt, delayMs: failed.delay, error });
    });
    try {
      return await retrying.execute(() => {
        tries += 1;
        return tryOnce(work, signal);
      }, signal);
    } catch (error) {
      // the failure that opened the breaker is told as what it leads to: an outage is no fault of the event
      if (breaker.state() !== 'open' || classify(error) !== 'outage') throw error;
      const seconds = Math.max(breaker.retryAfterSeconds(), askedWaitMs(error) / 1000);
      throw new BreakerOpenError(name, seconds, { cause: error });
    }
  };

  return {
    name,
    breakerState: breaker.state,
    async run(work, { signal, fallback }) {
      const startedAt = clock.now();
      const told = async () => {
        try {
          const answer = await tried(work, signal);
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

/** The system has not said a word to these. */
const NOT_CALLED: readonly string[] = ['BREAKER_OPEN', 'BULKHEAD_FULL', 'EXTERNAL_DEADLINE'];
