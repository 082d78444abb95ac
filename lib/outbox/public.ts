/** Publishing: one transaction for a service's state and its events. */
export type { EventIds, EventMaker } from '../event/index.ts';
export type { CommitOptions } from './commit-work.ts';
export { type Condition, ifUnchanged } from './conditions.ts';
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
export type { Item } from './item-size.ts';
export { createOutbox, type Outbox, type OutboxOptions, type TransactResult } from './outbox.ts';
export type { GuardedWrite, OutboxStore } from './ports.ts';
export {
  type GivenPlace,
  SequenceError,
  SequenceGapError,
  SequenceMixedError,
  SequenceTakenError,
} from './sequence-errors.ts';
export type {
  Conditional,
  ConditionCheckWrite,
  DeleteWrite,
  PublishOptions,
  PutWrite,
  UnitOfWork,
  UpdateWrite,
  WriteOrigin,
} from './unit-of-work.ts';
export type { WriteAction, WriteSubject } from './write-subject.ts';
