export {
  type AuditDeps,
  type AuditedConsumer,
  type AuditOptions,
  type AuditProgress,
  audit,
  type MissingEvent,
} from './audit.ts';
export { type Delivered, deliver } from './deliver.ts';
export { listDeployedFunctions } from './deployed-functions.ts';
export {
  consumerNamed,
  type DeployedConsumer,
  type DeployedFunction,
  type DeployedRebuilder,
  type Deployment,
  readDeployment,
  rebuilderOf,
  sagaNamed,
} from './deployment.ts';
export { createDynamoDbLog, type DynamoDbLogOptions } from './dynamodb-log.ts';
export { createDynamoDbMarkerReader, type DynamoDbMarkerReaderOptions } from './dynamodb-marker-reader.ts';
export { createDynamoDbSkipLedger, type DynamoDbSkipLedgerOptions } from './dynamodb-skip-ledger.ts';
export {
  ConsumerUnknownError,
  DeploymentUnclearError,
  FunctionFailedError,
  ProjectionUnknownError,
  SagaUnknownError,
} from './errors.ts';
export { type FillRequest, type FillResult, fillPlaces } from './fill-places.ts';
export {
  type FindEventDeps,
  type FindEventOptions,
  type FoundEvent,
  findEvent,
  type SearchProgress,
} from './find-event.ts';
export { type HeldDeps, type HeldGroup, listHeld } from './held.ts';
export { type KeepDeps, type KeepResult, keepGroup } from './keep-group.ts';
export { createLambdaCaller, type FunctionCaller } from './lambda-caller.ts';
export {
  type CursorScanner,
  createDynamoDbCursorScanner,
  createDynamoDbLogRepair,
  type LogRepair,
  type TombstoneText,
} from './log-repair.ts';
export type {
  LogReader,
  LogScanner,
  MarkerReader,
  OutboxState,
  QueueDepth,
  QueueDepths,
  ScannedPage,
  ScanRequest,
  SkipLedger,
  SkipRecord,
  UndeliverableQueue,
} from './ports.ts';
export {
  type RaisedHead,
  type RaiseHeadsDeps,
  type RaiseHeadsProgress,
  raiseHeads,
} from './raise-heads.ts';
export { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
export { type ResendDeps, type ResendResult, resend } from './resend.ts';
export { type ResendHeldDeps, resendHeld } from './resend-held.ts';
export { type SkipDeps, type SkipRequest, type SkipResult, skip } from './skip.ts';
export { createSqsQueueDepths, type SqsQueueDepthsOptions } from './sqs-queue-depths.ts';
export { createSqsUndeliverableQueue } from './sqs-undeliverable-queue.ts';
export { undeliverableQueueUrlOf } from './undeliverable-queue-url.ts';
export { type ConsumerState, type Whereabouts, type WhereConsumer, type WhereDeps, whereIs } from './where.ts';
