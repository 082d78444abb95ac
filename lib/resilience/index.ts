export type { BreakerChange, BreakerState } from './breaker.ts';
export type { Mismatch } from './errors.ts';
export {
  BreakerOpenError,
  BulkheadFullError,
  ExternalConflictError,
  ExternalDeadlineError,
  ExternalRequestRejectedError,
  ExternalResponseInvalidError,
  ExternalThrottledError,
  ExternalTimeoutError,
  ExternalUnauthorizedError,
  ExternalUnavailableError,
  ExternalUrlInvalidError,
  IdempotencyKeyReusedError,
  PolicyInvalidError,
} from './errors.ts';
export { classifyFailure, type FailureClass } from './failure-class.ts';
export {
  type AnswerReader,
  createJsonClient,
  DEFAULT_MAX_ANSWER_BYTES,
  type JsonCall,
  type JsonClient,
  type JsonClientOptions,
  readAs,
} from './json-client.ts';
export { createPolicy, type Policy, type PolicyOptions, type RunOptions } from './policy.ts';
export {
  type BreakerOptions,
  type BreakerTrip,
  type BulkheadOptions,
  DEFAULT_POLICY,
  type PolicyLimitOptions,
  type PolicyLimits,
  type RetryOptions,
} from './policy-options.ts';
export { createPolicyTelemetry, type PolicyObserver, type PolicyTelemetryDeps } from './policy-telemetry.ts';
export type { ForeignError } from './status-error.ts';
