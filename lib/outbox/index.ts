export { readHead } from './assign-sequences.ts';
export { DEFAULT_MAX_ATTEMPTS } from './commit-work.ts';
export { ifUnchanged } from './conditions.ts';
export { createDynamoDbOutboxStore, type DynamoDbOutboxStoreOptions } from './dynamodb-outbox-store.ts';
export {
  ItemTwiceError,
  OutboxAccessDeniedError,
  OutboxConditionError,
  OutboxContentionError,
  OutboxLimitError,
  OutboxRequestError,
  OutboxThrottledError,
  OutboxUnsettledError,
  OutboxWriteError,
  RelayMisconfiguredError,
  StreamRecordError,
  UnitOfWorkClosedError,
} from './errors.ts';
export type { BusEntry } from './event-record.ts';
export {
  type EventKey,
  type EventRecord,
  type EventSummary,
  isTombstone,
  keyItem,
  keyOf,
  keyText,
  markerOf,
  type NewEventRecord,
  type OutboxItem,
  type PendingMarker,
  type QuarantineNote,
  type RawItem,
  recordOf,
  summaryOf,
} from './event-record.ts';
export type { Item } from './item-size.ts';
export { createOutbox, type Outbox, type OutboxOptions, type TransactResult } from './outbox.ts';
export type {
  CommitOutcome,
  GroupHead,
  GuardedWrite,
  HeadMove,
  OutboxCommit,
  OutboxStore,
} from './ports.ts';
export { createDynamoDbPendingMarkers } from './relay/dynamodb-pending-markers.ts';
export { createEventBridgePublisher } from './relay/eventbridge-publisher.ts';
export type { PublishFailure } from './relay/failure.ts';
export type { EntryResult, EventPublisher, OutboxRecord, PendingMarkers } from './relay/ports.ts';
export {
  createRelay,
  type Relay,
  type RelayDeps,
  type RelayReport,
  readStreamRecord,
  type StreamRecord,
} from './relay/relay.ts';
export { SequenceError, SequenceGapError, SequenceMixedError, SequenceTakenError } from './sequence-errors.ts';
export { createDynamoDbOutboxLog } from './sweeper/dynamodb-outbox-log.ts';
export { createDynamoDbPendingTable } from './sweeper/dynamodb-pending-table.ts';
export type { OutboxLog, PendingTable } from './sweeper/ports.ts';
export { createSweeper, type Sweeper, type SweepReport } from './sweeper/sweeper.ts';
export type {
  ConditionCheckWrite,
  DeleteWrite,
  PublishOptions,
  PutWrite,
  UnitOfWork,
  UpdateWrite,
  WriteOrigin,
} from './unit-of-work.ts';
export type { WriteSubject } from './write-subject.ts';
