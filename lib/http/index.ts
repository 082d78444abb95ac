export { type ApiDeps, type ApiHandler, createApiHandler } from './api-handler.ts';
export { type ClientLimiter, type ClientLimiterOptions, createClientLimiter } from './client-limiter.ts';
export { ANSWERS_KEPT_HOURS, type CommandDeps } from './command.ts';
export { createDynamoDbClientUsage, createDynamoDbRequestRecords } from './dynamodb-request-records.ts';
export { AnswerInvalidError, ApiHandlersError, ApiWiringError } from './errors.ts';
export { etagOf, type IfMatch, type Version } from './etag.ts';
export type { AnswerParts, ApiHandlers, RouteHandler, RouteRequest, RouteResult, RouteTools } from './handlers.ts';
export type { ClaimOutcome, ClientUsage, HttpAnswer, RequestClaim, RequestRecords } from './ports.ts';
export type { ApiEvent, Principal } from './principal.ts';
export {
  PROBLEMS,
  type ProblemCode,
  ProblemError,
  type ProblemMore,
  type ProblemPointer,
  preconditionFailed,
} from './problem.ts';
