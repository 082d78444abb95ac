import { type Disposition, isWaybillError, WaybillError } from '../definitions/index.ts';
import { describeViolations, MOST_VIOLATIONS_TOLD, type SchemaViolation } from '../shared/schema-issues.ts';

/**
 * The external system did not respond, or reported a fault. It is unknown whether it processed the request. The call is
 * retried with the same idempotency key.
 */
export class ExternalUnavailableError extends WaybillError {
  readonly code = 'EXTERNAL_UNAVAILABLE';
  /** `defer` if the system sent a Retry-After header. */
  override readonly disposition: Disposition;
  readonly retryAfterSeconds: number | undefined;

  constructor(system: string, what: string, options: ErrorOptions & { readonly retryAfterSeconds?: number } = {}) {
    super(`${system} is not available: ${what}`, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.disposition = options.retryAfterSeconds === undefined ? 'retry' : 'defer';
  }
}

/** The external system did not respond in time. It is unknown whether it processed the request. */
export class ExternalTimeoutError extends WaybillError {
  readonly code = 'EXTERNAL_TIMEOUT';

  constructor(system: string, timeoutMs: number) {
    super(`${system} did not respond within ${timeoutMs} ms`);
  }
}

/** Delay after a 429 without a Retry-After header. */
const THROTTLED_SECONDS = 5;

/** The external system throttles and did not process the request. The event is deferred without limit. */
export class ExternalThrottledError extends WaybillError {
  readonly code = 'EXTERNAL_THROTTLED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  constructor(system: string, retryAfterSeconds: number = THROTTLED_SECONDS) {
    super(`${system} throttles calls (429): retry in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The external system still processes an earlier call with the same idempotency key. */
export class ExternalConflictError extends WaybillError {
  readonly code = 'EXTERNAL_CONFLICT';

  constructor(system: string, detail: string) {
    super(`${system} returned 409: the same request may be in progress; the call will be retried: ${detail}`);
  }
}

/**
 * The external system refused the credentials and did not process the request. Counts as an outage: the next attempt
 * requests the credentials again, and the breaker defers events until they are valid.
 */
export class ExternalUnauthorizedError extends WaybillError {
  readonly code = 'EXTERNAL_UNAUTHORIZED';

  constructor(system: string, detail: string) {
    super(`${system} refused the credentials (401): ${detail}: check whether they changed or expired`);
  }
}

/** Long enough for somebody to mend a secret, and for Secrets Manager to come back. */
const CREDENTIALS_SECONDS = 30;

/** The secret with the credentials cannot be read or used. The system was not called; the event is deferred. */
export class ExternalCredentialsError extends WaybillError {
  readonly code = 'EXTERNAL_CREDENTIALS_UNREADABLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = CREDENTIALS_SECONDS;

  /** @param problem continues the secret's name, and never contains the secret */
  constructor(secret: string, problem: string, options?: ErrorOptions) {
    super(
      `the secret '${secret}' ${problem}: store JSON such as {"current":"…"} in it, and grant the function to read it`,
      options,
    );
  }
}

/** The external system rejected the request and did not process it. */
export class ExternalRequestRejectedError extends WaybillError {
  readonly code = 'EXTERNAL_REQUEST_REJECTED';
  readonly status: number;

  constructor(system: string, status: number, detail: string) {
    super(
      `${system} rejected the request with status ${status}: ${detail}; check the adapter against the system's API, its URL and the permissions there`,
    );
    this.status = status;
  }
}

/** The response is not valid for the adapter. An immediate retry would return the same. */
export class ExternalResponseInvalidError extends WaybillError {
  readonly code = 'EXTERNAL_RESPONSE_INVALID';
  readonly status: number;
  /** The first mismatches, if there are many. */
  readonly mismatches: readonly Mismatch[];

  constructor(system: string, status: number, mismatches: readonly Mismatch[], options?: ErrorOptions) {
    super(`${system} returned ${status} with an invalid body: ${describeViolations(mismatches)}`, options);
    this.status = status;
    this.mismatches = mismatches.slice(0, MOST_VIOLATIONS_TOLD);
  }
}

/** A list of the external system never ends: it gave a page again. The pages before it were returned. */
export class ExternalPagesRepeatedError extends WaybillError {
  readonly code = 'EXTERNAL_PAGES_REPEATED';

  constructor(system: string, path: string, page: number) {
    super(
      `${system} gave a page of ${path} again, after page ${page}: the list would never end; check how the adapter reads 'next' against the system's API`,
    );
  }
}

/** A list of the external system has more pages than the caller allows. The pages before were returned. */
export class ExternalPagesUnboundedError extends WaybillError {
  readonly code = 'EXTERNAL_PAGES_UNBOUNDED';

  constructor(system: string, path: string, maxPages: number) {
    super(
      `${system} has more than ${maxPages} pages of ${path}: ask for fewer with a filter, for larger pages, or raise maxPages`,
    );
  }
}

/** The idempotency key was used for another request. This is an error of the caller. */
export class IdempotencyKeyReusedError extends WaybillError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  override readonly disposition = 'permanent';

  constructor(system: string, idempotencyKey: string) {
    super(
      `${system} received idempotency key '${idempotencyKey}' for another request and did not process this one: use one key per request, such as the handler's idempotencyKey with the name of the call`,
    );
  }
}

/** The breaker is open because the system failed repeatedly. It was not called, or its last call failed. */
export class BreakerOpenError extends WaybillError {
  readonly code = 'BREAKER_OPEN';
  override readonly disposition = 'defer';
  /** Seconds until the breaker allows a trial call. */
  readonly retryAfterSeconds: number;

  /** @param options `cause` is the system's last failure */
  constructor(system: string, retryAfterSeconds: number, options?: ErrorOptions) {
    const cause = options?.cause;
    const last = isWaybillError(cause) ? `, last with ${cause.code}` : '';
    super(
      `${system} failed too often${last}: its breaker is open and allows a call again in ${retryAfterSeconds} s`,
      options,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The container has the maximum number of running and queued calls to the system. It was not called. */
export class BulkheadFullError extends WaybillError {
  readonly code = 'BULKHEAD_FULL';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 1;

  constructor(system: string, maxConcurrent: number, maxQueued: number) {
    super(
      `${system} has ${maxConcurrent} calls in progress in this container and ${maxQueued} waiting, the limits of its bulkhead: raise them, or lower the consumer's batch size`,
    );
  }
}

/** All containers together call the system as often as they may. It was not called; the event waits. */
export class ExternalRateError extends WaybillError {
  readonly code = 'EXTERNAL_RATE_REACHED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  constructor(system: string, ratePerSecond: number, retryAfterSeconds: number) {
    super(
      `${system} is called at its rate of ${ratePerSecond} calls per second by all containers together: the next turn is in ${retryAfterSeconds} s`,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The caller's remaining time is too short for a call, or ended during one. */
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

/** The options of a policy are not valid. */
export class PolicyInvalidError extends WaybillError {
  readonly code = 'POLICY_INVALID';
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(`the policy of '${name}' is not valid: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** A violation in a response, with its path: `txn.amt`. An empty path is the whole body. */
export type Mismatch = SchemaViolation;
