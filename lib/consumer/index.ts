export type { ConsumerOptions, StrictOrdering } from './batch.ts';
export { createConsumer } from './consumer.ts';
export type { AccountableSince, ConsumerHistory, HandlingPeriod, HandlingSettings } from './consumer-history.ts';
export {
  accountableSince,
  continueHistory,
  cursorExpirySeconds,
  forgottenAloneUntil,
  forgottenUntil,
  startInstantOf,
} from './consumer-history.ts';
export {
  advance,
  type Blocker,
  type Cursor,
  type FailureReason,
  type GroupPause,
  type GroupReplay,
  isSeenByTaker,
} from './cursor.ts';
export {
  type ConsumerHistoryRecorderOptions,
  createConsumerHistoryRecorder,
  type DynamoDbConsumerHistoryOptions,
  readConsumerHistory,
} from './dynamodb-consumer-history.ts';
export {
  createDynamoDbCursorReader,
  createDynamoDbCursorStore,
  type DynamoDbCursorReaderOptions,
  type DynamoDbCursorStoreOptions,
} from './dynamodb-cursor-store.ts';
export { createDynamoDbEventLog, type DynamoDbEventLogOptions } from './dynamodb-event-log.ts';
export { createDynamoDbEventOutcomes, type DynamoDbEventOutcomesOptions } from './dynamodb-event-outcomes.ts';
export { createDynamoDbHandledEvents, type DynamoDbHandledEventsOptions } from './dynamodb-handled-events.ts';
export { createDynamoDbNotedFailures, type DynamoDbNotedFailuresOptions } from './dynamodb-noted-failures.ts';
export {
  createDynamoDbPausedGroups,
  createDynamoDbWaitingGroups,
  type DynamoDbWaitingGroupsOptions,
} from './dynamodb-waiting-groups.ts';
export {
  ConsumerHandlersError,
  ConsumerWiringError,
  CursorMovedError,
  EventTypeUnknownError,
  HandlerDeadlineError,
  InboxBusyError,
  InboxClaimLostError,
  LogHoleError,
  PermanentError,
} from './errors.ts';
export { type EventOutcome, type EventOutcomes, outcomeOf, type PlacedEvent } from './event-outcome.ts';
export { type FailureFingerprint, fingerprintOf } from './failure-fingerprint.ts';
export { createDynamoDbFailureIndex, type DynamoDbFailureIndexOptions, type FailureIndex } from './failure-index.ts';
export {
  createDynamoDbFailureNotes,
  type DynamoDbFailureNotesOptions,
  type FailedEvent,
  type FailureNote,
  type FailureNotes,
  type IndexedFailure,
} from './failure-notes.ts';
export {
  type EventHandler,
  type HandlerContext,
  type HandlerReplay,
  type Handlers,
  handlersFor,
  type SubscriptionHandlers,
} from './handlers.ts';
export {
  createDynamoDbInboxMemory,
  createKnows,
  type DynamoDbInboxMemoryOptions,
  type InboxMemory,
} from './inbox-memory.ts';
export { createDynamoDbInboxRecords, type DynamoDbInboxRecordsOptions, inboxRecordKey } from './inbox-record.ts';
export {
  areExpired,
  CLOCK_SKEW_MS,
  type ContiguousLog,
  createContiguousLog,
  firstSince,
  type LogRun,
} from './log-reader.ts';
export type {
  ConsumerQueue,
  CursorStore,
  EventIdentity,
  EventLog,
  HandledEvents,
  Inbox,
  InboxClaim,
  InboxRecord,
  InboxRecords,
  LogEnd,
  LogEntry,
  LoggedEvent,
  LogPlace,
  LogTombstone,
  MissingPlaces,
  NotedFailures,
  PausedGroup,
  PausedGroups,
  WaitingGroup,
  WaitingGroups,
} from './ports.ts';
export { createPowertoolsInbox, type PowertoolsInboxOptions } from './powertools-inbox.ts';
export type { DeadLetter } from './redelivery.ts';
export { createSqsConsumerQueue, type SqsConsumerQueueOptions } from './sqs-consumer-queue.ts';
export { type StatedSubscription, subscriptionDifferences } from './subscription-differences.ts';
export { createWaitingGauge, type GaugeMetrics, type WaitingGauge, type WaitingGaugeOptions } from './waiting-gauge.ts';
