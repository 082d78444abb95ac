import { type Disposition, isWaybillError, WaybillError } from '../contracts/index.ts';
import { describeViolations, MOST_VIOLATIONS_TOLD } from '../shared/schema-issues.ts';
import type { Mismatch } from './mismatch.ts';

/**
 * The external system did not answer, or said that something is wrong with it: whether it did what was asked is not
 * known. The call is repeated under the same idempotency key.
 */
export class ExternalUnavailableError extends WaybillError {
  readonly code = 'EXTERNAL_UNAVAILABLE';
  /** `defer` where the system said when to come back. */
  override readonly disposition: Disposition;
  readonly retryAfterSeconds: number | undefined;

  constructor(system: string, what: string, options: ErrorOptions & { readonly retryAfterSeconds?: number } = {}) {
    super(`${system} is not available: ${what}`, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.disposition = options.retryAfterSeconds === undefined ? 'retry' : 'defer';
  }
}

/** The external system did not answer in time; whether it did what was asked is not known. */
export class ExternalTimeoutError extends WaybillError {
  readonly code = 'EXTERNAL_TIMEOUT';

  constructor(system: string, timeoutMs: number) {
    super(`${system} did not answer within ${timeoutMs} ms`);
  }
}

/** How long a system is left alone that asks for fewer calls and does not say until when. */
const THROTTLED_SECONDS = 5;

/** The external system asks for fewer calls; it did nothing. No event's fault, so the event waits without limit. */
export class ExternalThrottledError extends WaybillError {
  readonly code = 'EXTERNAL_THROTTLED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  constructor(system: string, retryAfterSeconds: number = THROTTLED_SECONDS) {
    super(`${system} asks for fewer calls (429), and to be called again in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The external system is still at work on an earlier call under the same idempotency key. */
export class ExternalConflictError extends WaybillError {
  readonly code = 'EXTERNAL_CONFLICT';

  constructor(system: string, detail: string) {
    super(`${system} answered 409: the same request may be in progress; the call is tried again: ${detail}`);
  }
}

/**
 * The external system does not take our credentials; it did nothing. That is no event's fault, and counts as an outage:
 * the next try asks for the credentials anew, and the breaker keeps the events waiting until they are mended.
 */
export class ExternalUnauthorizedError extends WaybillError {
  readonly code = 'EXTERNAL_UNAUTHORIZED';

  constructor(system: string, detail: string) {
    super(`${system} does not take our credentials (401): ${detail}: check whether they were changed or have expired`);
  }
}

/** The external system refused the request as such: its form, its address, what we may do there. It did nothing. */
export class ExternalRequestRejectedError extends WaybillError {
  readonly code = 'EXTERNAL_REQUEST_REJECTED';
  readonly status: number;

  constructor(system: string, status: number, detail: string) {
    super(
      `${system} refuses the request with status ${status}: ${detail}; compare the adapter with the system's contract, its URL and our rights there`,
    );
    this.status = status;
  }
}

/** The answer is not what the adapter was written for. Asking again at once would bring the same. */
export class ExternalResponseInvalidError extends WaybillError {
  readonly code = 'EXTERNAL_RESPONSE_INVALID';
  readonly status: number;
  /** The first ones, where there are many. */
  readonly mismatches: readonly Mismatch[];

  constructor(system: string, status: number, mismatches: readonly Mismatch[], options?: ErrorOptions) {
    super(
      `${system} answered ${status} with a body that the adapter cannot read: ${describeViolations(mismatches)}`,
      options,
    );
    this.status = status;
    this.mismatches = mismatches.slice(0, MOST_VIOLATIONS_TOLD);
  }
}

/** The same idempotency key came with another request: a mistake of the caller, which no retry mends. */
export class IdempotencyKeyReusedError extends WaybillError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  override readonly disposition = 'permanent';

  constructor(system: string, idempotencyKey: string) {
    super(
      `${system} knows idempotency key '${idempotencyKey}' with another request; nothing was done: use one key per request, such as the handler's idempotencyKey with the name of the call`,
    );
  }
}

/** The system has failed so often that it is left alone for a while; it was not called, or failed once more. */
export class BreakerOpenError extends WaybillError {
  readonly code = 'BREAKER_OPEN';
  override readonly disposition = 'defer';
  /** Until the breaker lets a call through to see whether the system is back. */
  readonly retryAfterSeconds: number;

  /** @param options its cause is the system's last failure */
  constructor(system: string, retryAfterSeconds: number, options?: ErrorOptions) {
    const cause = options?.cause;
    const last = isWaybillError(cause) ? `, last with ${cause.code}` : '';
    super(
      `${system} failed too often${last}: its breaker is open, and lets a call through again in ${retryAfterSeconds} s`,
      options,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** This container has as many calls to the system under way, and waiting, as it may. It was not called. */
export class BulkheadFullError extends WaybillError {
  readonly code = 'BULKHEAD_FULL';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 1;

  constructor(system: string, maxConcurrent: number, maxQueued: number) {
    super(
      `${system} has ${maxConcurrent} calls under way in this container and ${maxQueued} waiting, as many as its bulkhead lets through: raise them, or lower the consumer's batch size`,
    );
  }
}

/** The caller's time does not suffice for a call, or ended during one. */
export class ExternalDeadlineError extends WaybillError {
  readonly code = 'EXTERNAL_DEADLINE';

  constructor(system: string, what: string, options?: ErrorOptions) {
    super(`${what} ${system}: raise the function's timeout, or lower timeoutMs of the adapter's policy`, options);
  }
}

/** The base URL of an external system cannot be used. */
export class ExternalUrlInvalidError extends WaybillError {
  readonly code = 'EXTERNAL_URL_INVALID';

  constructor(system: string, problem: string) {
    super(`the URL of ${system} ${problem}`);
  }
}

/** A policy's options contradict each other, or what a policy can do. */
export class PolicyInvalidError extends WaybillError {
  readonly code = 'POLICY_INVALID';
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(`the policy of '${name}' cannot be: ${problems.join('; ')}`);
    this.problems = problems;
  }
}
