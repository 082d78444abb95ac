export { type AnswerReader, type AnswerReaders, readAs } from './answer-reader.ts';
export type { BreakerChange, BreakerState } from './breaker.ts';
export {
  type AttemptCredentials,
  type Credentials,
  createSecretCredentials,
  type SecretCredentialsOptions,
} from './credentials.ts';
export type { Mismatch } from './errors.ts';
export {
  BreakerOpenError,
  BulkheadFullError,
  ExternalConflictError,
  ExternalCredentialsError,
  ExternalDeadlineError,
  ExternalPagesRepeatedError,
  ExternalPagesUnboundedError,
  ExternalRateError,
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
  createJsonClient,
  DEFAULT_MAX_ANSWER_BYTES,
  type JsonCall,
  type JsonClient,
  type JsonClientOptions,
  type JsonList,
  type JsonQuery,
  type JsonRequest,
} from './json-client.ts';
export { DEFAULT_MAX_PAGES, type JsonPage } from './list-pages.ts';
export { createPolicy, type Policy, type PolicyOptions, type RunLimits, type RunOptions } from './policy.ts';
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
export type { Query, QueryValue } from './query.ts';
export {
  createSharedRate,
  type RateLedger,
  type RatePosition,
  type SharedRate,
  type SharedRateOptions,
} from './shared-rate.ts';
export type { ForeignError } from './status-error.ts';
