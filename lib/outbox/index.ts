export { createDynamoDbOutboxStore, type DynamoDbOutboxStoreOptions } from './dynamodb-outbox-store.ts';
export {
  OutboxConditionError,
  OutboxContentionError,
  OutboxLimitError,
  OutboxWriteError,
  SequenceError,
  SequenceTakenError,
  UnitOfWorkClosedError,
  type WriteSubject,
} from './errors.ts';
export {
  createInMemoryOutboxStore,
  type InMemoryOutboxStore,
  type InMemoryOutboxStoreOptions,
} from './in-memory-outbox-store.ts';
export type { InMemoryTables, WriteRefusal } from './in-memory-tables.ts';
export type { Item } from './item-size.ts';
export { createOutbox, DEFAULT_MAX_ATTEMPTS, type Outbox, type OutboxOptions, type TransactResult } from './outbox.ts';
export type {
  CommitOutcome,
  GroupHead,
  GuardedWrite,
  HeadMove,
  OutboxCommit,
  OutboxStore,
  StoredEvent,
} from './ports.ts';
export type {
  ConditionCheckWrite,
  DeleteWrite,
  PublishOptions,
  PutWrite,
  UnitOfWork,
  UpdateWrite,
} from './unit-of-work.ts';
