import { WaybillError } from '../contracts/index.ts';

export type WriteAction = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** Which of the caller's writes an error is about. */
export interface WriteSubject {
  readonly action: WriteAction;
  readonly tableName: string;
  /** The item that was to be put, or the key. */
  readonly target: Readonly<Record<string, unknown>>;
  /** Place among the transaction's writes, from 0. */
  readonly index: number;
}

const LONGEST_TARGET = 200;

const describe = ({ action, tableName, target, index }: WriteSubject): string => {
  const text = JSON.stringify(target, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return `write ${index} (${action} in table '${tableName}' of ${text.slice(0, LONGEST_TARGET)})`;
};

/** A condition that the caller put on a write does not hold. Nothing was written. */
export class OutboxConditionError extends WaybillError {
  readonly code = 'OUTBOX_CONDITION_FAILED';
  readonly retryable = false;
  readonly subject: WriteSubject;
  /** The item as it stands, undefined when there is none. */
  readonly item: Readonly<Record<string, unknown>> | undefined;

  constructor(
    subject: WriteSubject,
    condition: string | undefined,
    item: Readonly<Record<string, unknown>> | undefined,
  ) {
    super(
      `${describe(subject)}: its condition '${condition ?? ''}' does not hold, ${item === undefined ? 'there is no such item' : "the item as it stands is in 'item'"}; nothing was written`,
    );
    this.subject = subject;
    this.item = item;
  }
}

/** DynamoDB refuses one of the caller's writes as it is. Nothing was written. */
export class OutboxWriteError extends WaybillError {
  readonly code = 'OUTBOX_WRITE_REFUSED';
  readonly retryable = false;
  readonly subject: WriteSubject;

  constructor(subject: WriteSubject, reasonCode: string, reason: string) {
    super(`${describe(subject)}: DynamoDB refuses it (${reasonCode}): ${reason}; nothing was written`);
    this.subject = subject;
  }
}

/** Other transactions were first at every attempt. Nothing was written. */
export class OutboxContentionError extends WaybillError {
  readonly code = 'OUTBOX_CONTENTION';
  readonly retryable = true;
  readonly groups: readonly string[];
  readonly attempts: number;

  constructor(groups: readonly string[], attempts: number, lastReason: string) {
    super(
      `gave up after ${attempts} attempts, each time another transaction was first (${lastReason}); groups: '${groups.join("', '")}'; nothing was written: try again later, or spread the load over more groups`,
    );
    this.groups = groups;
    this.attempts = attempts;
  }
}

/** The caller gave a sequence that the group has used already. Nothing was written. */
export class SequenceTakenError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_TAKEN';
  readonly retryable = false;

  constructor(eventType: string, group: string, sequence: number) {
    super(
      `'${eventType}' cannot take sequence ${sequence} of group '${group}': the log has an event there; nothing was written: load the aggregate again and publish its next version`,
    );
  }
}

/** The caller gave sequences that cannot stand in one transaction, or none of the allowed numbers. */
export class SequenceError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_INVALID';
  readonly retryable = false;
}

/** The transaction is larger than the services take. Nothing was sent. */
export class OutboxLimitError extends WaybillError {
  readonly code = 'OUTBOX_LIMIT_EXCEEDED';
  readonly retryable = false;
  readonly limit: 'actions' | 'transactionBytes' | 'itemBytes' | 'eventBytes';

  constructor(limit: OutboxLimitError['limit'], message: string) {
    super(message);
    this.limit = limit;
  }
}

/** A unit of work was used after its function had returned or failed. */
export class UnitOfWorkClosedError extends WaybillError {
  readonly code = 'UNIT_OF_WORK_CLOSED';
  readonly retryable = false;

  constructor(method: string) {
    super(
      `tx.${method} was called after the unit of work had ended: await everything before the function that received tx returns`,
    );
  }
}
