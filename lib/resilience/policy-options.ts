import { PolicyInvalidError } from './errors.ts';

export interface RetryOptions {
  /** Maximum number of attempts, including the first: 1 to 10. @default 3 */
  readonly maxTries?: number;
  /** Maximum delay before the second attempt, in milliseconds. Doubles with each attempt. 0 or more. @default 100 */
  readonly baseMs?: number;
  /**
   * Maximum delay: `baseMs` to 900000. If the system asks for more (`Retry-After`), the run ends. @default 2000
   */
  readonly capMs?: number;
}

/** When a breaker opens: after consecutive failures, or at a failure ratio. */
export type BreakerTrip =
  | { /** 1 or more. */ readonly consecutiveFailures: number }
  | {
      /** Above 0 and below 1. */
      readonly failureRatio: number;
      /** 1000 or more. */
      readonly windowMs: number;
      /** With fewer calls per second the breaker does not open. */
      readonly minCallsPerSecond: number;
    };

export interface BreakerOptions {
  /** @default - five failures in a row */
  readonly trip?: BreakerTrip;
  /** How long an open breaker refuses calls, in milliseconds: 1000 to 3600000. @default 10000 */
  readonly halfOpenAfterMs?: number;
  /**
   * Maximum of that time, which doubles with each failed trial call. `halfOpenAfterMs` to 3600000. @default 30000, or
   * `halfOpenAfterMs` if that is longer
   */
  readonly halfOpenCapMs?: number;
}

export interface BulkheadOptions {
  /** Maximum number of concurrent calls per container: 1 or more. @default 10 */
  readonly maxConcurrent?: number;
  /** Maximum number of queued calls: 0 or more. @default 20 */
  readonly maxQueued?: number;
}

export interface PolicyLimits {
  readonly timeoutMs: number;
  readonly retry: Required<RetryOptions>;
  readonly breaker: Required<BreakerOptions>;
  readonly bulkhead: Required<BulkheadOptions>;
}

export interface PolicyLimitOptions {
  /** Timeout of one attempt, in milliseconds: 10 to 900000, Lambda's maximum. @default 2000 */
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
  readonly breaker?: BreakerOptions;
  readonly bulkhead?: BulkheadOptions;
}

/** The default limits. See docs/adapters.md for the reasons. */
export const DEFAULT_POLICY: PolicyLimits = {
  timeoutMs: 2_000,
  retry: { maxTries: 3, baseMs: 100, capMs: 2_000 },
  breaker: { trip: { consecutiveFailures: 5 }, halfOpenAfterMs: 10_000, halfOpenCapMs: 30_000 },
  bulkhead: { maxConcurrent: 10, maxQueued: 20 },
};

/** Lambda's maximum duration. A timer of more than 24 days would fire immediately. */
const LONGEST_CALL_MS = 900_000;

/** Guarantees a trial call at least every hour. */
const LONGEST_OPEN_MS = 3_600_000;

/** @throws PolicyInvalidError `POLICY_INVALID` listing all problems */
export function limitsFrom(name: string, options: PolicyLimitOptions): PolicyLimits {
  const limits: PolicyLimits = {
    timeoutMs: options.timeoutMs ?? DEFAULT_POLICY.timeoutMs,
    retry: { ...DEFAULT_POLICY.retry, ...options.retry },
    breaker: breakerFrom(options.breaker),
    bulkhead: { ...DEFAULT_POLICY.bulkhead, ...options.bulkhead },
  };
  const { retry, breaker, bulkhead } = limits;
  const problems: string[] = [];
  const need = (isMet: boolean, what: string, got: number) => {
    if (!isMet) problems.push(`${what}, got ${got}`);
  };
  const isWhole = Number.isSafeInteger;
  const isWithin = (value: number, least: number, most: number) => value >= least && value <= most;
  need(isWithin(limits.timeoutMs, 10, LONGEST_CALL_MS), `timeoutMs must be 10 to ${LONGEST_CALL_MS}`, limits.timeoutMs);
  need(
    isWhole(retry.maxTries) && isWithin(retry.maxTries, 1, 10),
    'retry.maxTries must be a whole number from 1 to 10',
    retry.maxTries,
  );
  need(retry.baseMs >= 0, 'retry.baseMs must be 0 or more', retry.baseMs);
  need(
    isWithin(retry.capMs, retry.baseMs, LONGEST_CALL_MS),
    `retry.capMs must be retry.baseMs (${retry.baseMs}) to ${LONGEST_CALL_MS}`,
    retry.capMs,
  );
  need(
    isWithin(breaker.halfOpenAfterMs, 1_000, LONGEST_OPEN_MS),
    `breaker.halfOpenAfterMs must be 1000 to ${LONGEST_OPEN_MS}`,
    breaker.halfOpenAfterMs,
  );
  need(
    breaker.halfOpenCapMs === breaker.halfOpenAfterMs ||
      isWithin(breaker.halfOpenCapMs, breaker.halfOpenAfterMs, LONGEST_OPEN_MS),
    `breaker.halfOpenCapMs must be breaker.halfOpenAfterMs (${breaker.halfOpenAfterMs}) to ${LONGEST_OPEN_MS}`,
    breaker.halfOpenCapMs,
  );
  if ('consecutiveFailures' in breaker.trip) {
    const { consecutiveFailures } = breaker.trip;
    need(
      isWhole(consecutiveFailures) && consecutiveFailures >= 1,
      'breaker.trip.consecutiveFailures must be a whole number from 1',
      consecutiveFailures,
    );
  } else {
    const { failureRatio, windowMs, minCallsPerSecond } = breaker.trip;
    need(failureRatio > 0 && failureRatio < 1, 'breaker.trip.failureRatio must be between 0 and 1', failureRatio);
    need(windowMs >= 1_000, 'breaker.trip.windowMs must be 1000 or more', windowMs);
    need(minCallsPerSecond > 0, 'breaker.trip.minCallsPerSecond must be more than 0', minCallsPerSecond);
  }
  need(
    isWhole(bulkhead.maxConcurrent) && bulkhead.maxConcurrent >= 1,
    'bulkhead.maxConcurrent must be a whole number from 1',
    bulkhead.maxConcurrent,
  );
  need(
    isWhole(bulkhead.maxQueued) && bulkhead.maxQueued >= 0,
    'bulkhead.maxQueued must be a whole number from 0',
    bulkhead.maxQueued,
  );
  if (problems.length > 0) throw new PolicyInvalidError(name, problems);
  return limits;
}

function breakerFrom(options: BreakerOptions = {}): Required<BreakerOptions> {
  const { halfOpenAfterMs = DEFAULT_POLICY.breaker.halfOpenAfterMs } = options;
  const halfOpenCapMs = Math.max(DEFAULT_POLICY.breaker.halfOpenCapMs, halfOpenAfterMs);
  return { ...DEFAULT_POLICY.breaker, halfOpenCapMs, ...options };
}
