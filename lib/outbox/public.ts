/** Publishing: one transaction for a service's state and its events. */
export { ifUnchanged } from './conditions.ts';
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
export { SequenceError, SequenceGapError, SequenceMixedError, SequenceTakenError } from './sequence-errors.ts';
export type {
  ConditionCheckWrite,
  DeleteWrite,
  PublishOptions,
  PutWrite,
  UnitOfWork,
  UpdateWrite,
  WriteOrigin,
} from './unit-of-work.ts';
