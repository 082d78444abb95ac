export {
  type AuditDeps,
  type AuditedConsumer,
  type AuditOptions,
  type AuditProgress,
  audit,
  type MissingEvent,
} from './audit.ts';
export { type Delivered, deliver } from './deliver.ts';
export {
  consumerNamed,
  consumersOf,
  type DeployedConsumer,
  type DeployedFunction,
  type DeployedRebuilder,
  type Deployment,
  type OperableSync,
  PUBLISHERS,
  type Publisher,
  readDeployment,
  rebuilderOf,
  sagaNamed,
  syncNamed,
  syncsOf,
  undeliverableQueueUrlOf,
} from './deployment.ts';
export { createDynamoDbEventIndex, type DynamoDbEventIndexOptions } from './dynamodb-event-index.ts';
export { createDynamoDbLog, type DynamoDbLogOptions } from './dynamodb-log.ts';
export { createDynamoDbCursorScanner, createDynamoDbLogRepair } from './dynamodb-log-repair.ts';
export { createDynamoDbLoggedEvents, type DynamoDbLoggedEventsOptions } from './dynamodb-logged-events.ts';
export { createDynamoDbMarkerReader, type DynamoDbMarkerReaderOptions } from './dynamodb-marker-reader.ts';
export { createDynamoDbOperatorTrail, type DynamoDbOperatorTrailOptions } from './dynamodb-operator-trail.ts';
export {
  createDynamoDbConsumerPauseStore,
  createDynamoDbPauseLedger,
  type DynamoDbPauseLedgerOptions,
} from './dynamodb-pause-ledger.ts';
export { createDynamoDbQuarantine, type DynamoDbQuarantineOptions } from './dynamodb-quarantine.ts';
export { createDynamoDbReconcileStore, type DynamoDbReconcileStoreOptions } from './dynamodb-reconcile-store.ts';
export { createDynamoDbRedriveRuns, type DynamoDbRedriveRunsOptions } from './dynamodb-redrive-runs.ts';
export { createDynamoDbSkipLedger, type DynamoDbSkipLedgerOptions } from './dynamodb-skip-ledger.ts';
export {
  ConsumerUnknownError,
  DeploymentUnclearError,
  FunctionFailedError,
  ProjectionUnknownError,
  ReplayUnsuitableError,
  SagaUnknownError,
  SyncUnknownError,
} from './errors.ts';
export {
  type FindEventDeps,
  type FindEventOptions,
  type FoundEvent,
  findEvent,
  type SearchProgress,
} from './event-search.ts';
export {
  countFailures,
  FAILURE_STATES,
  type Failure,
  type FailureFilter,
  type FailureGroup,
  type FailureState,
  type FailuresDeps,
  listFailures,
} from './failures.ts';
export { type HeldDeps, type HeldGroup, listHeld } from './held-groups.ts';
export { createLambdaCaller, type FunctionCaller, listDeployedFunctions } from './lambda-functions.ts';
export { createLambdaPolling, type LambdaPollingOptions } from './lambda-polling.ts';
export type { CursorScanner, LogRepair, TombstoneText } from './log-repair.ts';
export {
  type FillRequest,
  type FillResult,
  fillPlaces,
  type KeepDeps,
  type KeepResult,
  keepGroup,
  type RaisedHead,
  type RaiseHeadsDeps,
  type RaiseHeadsProgress,
  raiseHeads,
} from './log-repair.ts';
export type { OperatorTrail, TrailEntry } from './operator-trail.ts';
export {
  type ConsumerPauseDeps,
  type PauseDeps,
  type PauseRequest,
  type PauseResult,
  pauseConsumer,
  pauseGroup,
  type ResumeDeps,
  type ResumeResult,
  resumeConsumer,
  resumeGroup,
} from './pause.ts';
export type {
  ConsumerPauseStore,
  ConsumerPolling,
  EventIndex,
  LoggedEvents,
  LogItem,
  LogPage,
  LogPageRequest,
  LogReader,
  LogScanner,
  LogWalker,
  MarkerReader,
  OutboxState,
  PauseLedger,
  QueueDepth,
  QueueDepths,
  ScannedPage,
  ScanRequest,
  SettingsStore,
  SettingsVersion,
  SkipLedger,
  SkipRecord,
  UndeliverableQueue,
} from './ports.ts';
export { type Billed, CHUNK_BYTES, usdOf } from './prices.ts';
export { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
export {
  type ConsumerReads,
  createReconciliation,
  type Finding,
  type ReconcileDeps,
  type ReconciledConsumer,
  type ReconcileOptions,
  type ReconcileTally,
  type Reconciliation,
  type WalkPosition,
} from './reconcile.ts';
export {
  type HubTables,
  type ReconcileDeploymentDeps,
  reconcileDeployment,
} from './reconcile-deployment.ts';
export {
  DEFAULT_RECONCILE,
  oldestReconciledMs,
  openFindings,
  PENDING_PART,
  type ReconciledPart,
  type ReconcilePass,
  type ReconcileRunDeps,
  type ReconcileRunOptions,
  type ReconcileRunReport,
  type ReconcileStore,
  runReconciliation,
  type StoredFinding,
} from './reconcile-run.ts';
export { type ReconciledConsumerDeps, reconciledConsumer } from './reconciled-consumer.ts';
export {
  type RedriveDeps,
  type RedriveRequest,
  type ResumeRedriveResult,
  resumeRedrive,
  type StartResult,
  type StopResult,
  startRedrive,
  stopRedrive,
} from './redrive.ts';
export { type DriveOptions, type DriveResult, driveRedrive } from './redrive-driver.ts';
export type { RedriveEventsDeps } from './redrive-events.ts';
export { MAX_REDRIVEN, planOf, planRedrive, type RedrivePlan, type RedriveSnapshot, snapshot } from './redrive-plan.ts';
export {
  DEFAULT_REDRIVE_TERMS,
  endOfStage,
  type FailureKind,
  hasHandledAll,
  type NoOpReason,
  type RedriveItem,
  type RedriveOutcome,
  type RedriveRun,
  type RedriveStop,
  type RedriveTerms,
  type RunEntry,
  stageSizes,
} from './redrive-run.ts';
export type {
  ActiveRuns,
  RedriveRuns,
  RunChange,
  RunDriver,
  RunLease,
  StopRequest,
  StoredRun,
} from './redrive-runs.ts';
export {
  assertReplayable,
  type ReplayDeps,
  type ReplayedGroup,
  type ReplayProgress,
  type ReplayRequest,
  replay,
} from './replay.ts';
export {
  listQuarantined,
  type Quarantine,
  type QuarantinedEvent,
  type RepublishDeps,
  type RepublishResult,
  republish,
} from './republish.ts';
export { type ResendDeps, type ResendHeldDeps, type ResendResult, resend, resendHeld } from './resend.ts';
export { createRuleSchedule, type RuleScheduleOptions } from './rule-schedule.ts';
export { type SkipDeps, type SkipRequest, type SkipResult, skip } from './skip.ts';
export { createSqsQueueDepths, type SqsQueueDepthsOptions } from './sqs-queue-depths.ts';
export { createSqsUndeliverableQueue } from './sqs-undeliverable-queue.ts';
export { createSsmSettingsStore, type SsmSettingsStoreOptions } from './ssm-settings-store.ts';
export {
  type ConsumerStatus,
  type EnvironmentStatus,
  readStatus,
  type StatusConsumer,
  type StatusDeps,
} from './status.ts';
export {
  listParked,
  MOST_COUNTED_PARKED,
  readRun,
  readSubscription,
  type ScopeStatus,
  type SubscriptionStatus,
  type SyncReadDeps,
} from './sync-subscriptions.ts';
export { type Tidied, type TidyDeps, tidyDeadLetters } from './tidy-dead-letters.ts';
export { type Trace, type TraceDeps, type TracedEvent, type TraceOptions, traceCorrelation } from './trace.ts';
export { changeTuning, deployedValue, listTunedValues, type TunedValue, tuningProblems } from './tuned-values.ts';
export { type ConsumerState, type Whereabouts, type WhereConsumer, type WhereDeps, whereIs } from './where.ts';
