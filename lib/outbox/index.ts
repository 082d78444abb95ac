export { DEFAULT_MAX_ATTEMPTS } from './commit-work.ts';
export { createDynamoDbOutboxStore, type DynamoDbOutboxStoreOptions } from './dynamodb-outbox-store.ts';
export {
  ItemTwiceError,
  OutboxConditionError,
  OutboxContentionError,
  OutboxLimitError,
  OutboxRequestError,
  OutboxThrottledError,
  OutboxUnsettledError,
  OutboxWriteError,
  UnitOfWorkClosedError,
} from './errors.ts';
export {
  createInMemoryOutboxStore,
  type InMemoryOutboxStore,
  type InMemoryOutboxStoreOptions,
} from './in-memory-outbox-store.ts';
export type { InMemoryTables, WriteRefusal } from './in-memory-tables.ts';
export type { Item } from './item-size.ts';
export { createOutbox, type Outbox, type OutboxOptions, type TransactResult } from './outbox.ts';
export type {
  CommitOutcome,
  GroupHead,
  GuardedWrite,
  HeadMove,
  OutboxCommit,
  OutboxStore,
  StoredEvent,
} from './ports.ts';
export { SequenceError, SequenceGapError, SequenceMixedError, SequenceTakenError } from './sequence-errors.ts';
export type {
  ConditionCheckWrite,
  DeleteWrite,
  PublishOptions,
  PutWrite,
  UnitOfWork,
  UpdateWrite,
} from './unit-of-work.ts';
export type { WriteSubject } from './write-subject.ts';
