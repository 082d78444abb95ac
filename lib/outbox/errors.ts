import { type Disposition, WaybillError } from '../definitions/index.ts';
import { defineHidden } from '../shared/hidden.ts';
import { describeWrite, type WriteSubject } from './write-subject.ts';

/** A condition of the caller's write failed. Nothing was written. */
export class OutboxConditionError extends WaybillError {
  readonly code = 'OUTBOX_CONDITION_FAILED';
  /** `retry` if the condition is a mistake: running the handler again at once would read the same item. */
  override readonly disposition: Disposition;
  readonly subject: WriteSubject;
  /** The current item; undefined if there is none. Not enumerable, because it may contain personal data. */
  declare readonly item: Readonly<Record<string, unknown>> | undefined;
  /**
   * Describes a comparison of values of different types, which never holds. Undefined if another writer may have been
   * first; then a consumer runs its handler again.
   */
  readonly mistake: string | undefined;

  constructor(
    subject: WriteSubject,
    condition: string | undefined,
    item: Readonly<Record<string, unknown>> | undefined,
    mistake?: string,
  ) {
    const stands = item === undefined ? 'there is no such item' : "the current item is in the error's 'item'";
    super(
      `${describeWrite(subject)}: its condition '${condition ?? ''}' ${mistake === undefined ? `failed, ${stands}` : `can never hold: ${mistake}, and DynamoDB only compares values of the same type: change the condition or the value`}; nothing was written`,
    );
    this.subject = subject;
    this.mistake = mistake;
    this.disposition = mistake === undefined ? 'lost-race' : 'retry';
    defineHidden(this, 'item', item);
  }
}

/** DynamoDB rejected one of the caller's writes. Nothing was written. */
export class OutboxWriteError extends WaybillError {
  readonly code = 'OUTBOX_WRITE_REFUSED';
  readonly subject: WriteSubject;

  constructor(subject: WriteSubject, reasonCode: string, reason: string) {
    super(`${describeWrite(subject)}: DynamoDB rejected it (${reasonCode}): ${reason}; nothing was written`);
    this.subject = subject;
  }
}

/** DynamoDB rejected the transaction as a whole, without naming a write. Nothing was written. */
export class OutboxRequestError extends WaybillError {
  readonly code = 'OUTBOX_REQUEST_REFUSED';
  readonly subjects: readonly WriteSubject[];

  constructor(subjects: readonly WriteSubject[], cause: Error) {
    const writes = subjects.length === 0 ? 'the events' : listOf(subjects);
    super(
      `DynamoDB rejected the transaction (${cause.name}): ${cause.message}; nothing was written: fix the write that caused it, one of ${writes}`,
      { cause },
    );
    this.subjects = subjects;
  }
}

/**
 * The function's role may not make the transaction. Nothing was written. DynamoDB's own message is the same whether no grant
 * is there or a condition of the grant does not hold.
 */
export class OutboxAccessDeniedError extends WaybillError {
  /** As DynamoDB calls it, so that `permanentErrors` and alarms find it by one name wherever it comes from. */
  readonly code = 'AccessDeniedException';
  /** The writes to the table that was refused, or all where the message names none. */
  readonly subjects: readonly WriteSubject[];

  constructor(writes: readonly WriteSubject[], cause: Error) {
    const [, action, tableName] = /perform: (\S+) on resource: \S*:table\/([\w.-]+)/.exec(cause.message) ?? [];
    const subjects = writes.filter((write) => tableName === undefined || write.tableName === tableName);
    const what = action === undefined ? 'the transaction' : `${action} on table '${tableName}'`;
    const covers = subjects.length === 0 ? '' : ` for ${listOf(subjects)}`;
    super(
      `DynamoDB denies ${what} to the function's role; nothing was written: grant it in the CDK code, or, where a grant is there, check its condition on dynamodb:LeadingKeys${covers} (${cause.message})`,
      { cause },
    );
    this.subjects = subjects;
  }
}

const MOST_SHOWN = 5;

const listOf = (subjects: readonly WriteSubject[]): string => {
  const more = subjects.length > MOST_SHOWN ? ` and ${subjects.length - MOST_SHOWN} more` : '';
  return `${subjects.slice(0, MOST_SHOWN).map(describeWrite).join(', ')}${more}`;
};

/** A unit of work writes to one item twice, which a transaction does not allow. Nothing was written. */
export class ItemTwiceError extends WaybillError {
  readonly code = 'OUTBOX_ITEM_TWICE';
  override readonly disposition = 'permanent';
  readonly subjects: readonly WriteSubject[];

  constructor(tableName: string, subjects: readonly WriteSubject[]) {
    super(
      `one item of table '${tableName}' is written twice in one transaction, which DynamoDB does not allow, by ${subjects.length > 2 ? 'two of ' : ''}${subjects.map(describeWrite).join(' and ')}; nothing was written: combine them into one write with both conditions`,
    );
    this.subjects = subjects;
  }
}

/** Spreads the retries of transactions that failed at the same time. */
const spread = ([from, to]: readonly [number, number], random: number): number =>
  Math.ceil(from + (to - from) * random);

/** Seconds, in which the contention on a group has usually ended. */
const AFTER_CONTENTION = [1, 10] as const;

/** Seconds: on-demand tables double their capacity within minutes, and partitions split in a few more. */
const AFTER_THROTTLING = [5, 30] as const;

/** Other transactions were first at every attempt. Nothing was written. */
export class OutboxContentionError extends WaybillError {
  readonly code = 'OUTBOX_CONTENTION';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;
  /** The groups of the transaction's events. */
  readonly groups: readonly string[];
  readonly attempts: number;

  /** @param random from 0 up to but not including 1 */
  constructor(groups: readonly string[], attempts: number, lastReason: string, random: number) {
    const load =
      groups.length === 0
        ? 'check what else writes to these items'
        : `spread the load over more groups than '${groups.join("', '")}'`;
    super(
      `another transaction was first at each of ${attempts} attempts (last: ${lastReason}); nothing was written: try again later, or ${load}`,
    );
    this.retryAfterSeconds = spread(AFTER_CONTENTION, random);
    this.groups = groups;
    this.attempts = attempts;
  }
}

/** DynamoDB throttled every attempt. Nothing was written. */
export class OutboxThrottledError extends WaybillError {
  readonly code = 'OUTBOX_THROTTLED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;
  readonly attempts: number;

  /** @param random from 0 up to but not including 1 */
  constructor(attempts: number, reason: string, random: number) {
    super(
      `DynamoDB throttled the transaction at each of ${attempts} attempts (last: ${reason}); nothing was written: try again later; if it continues, look for a hot partition or raise the table's limits`,
    );
    this.retryAfterSeconds = spread(AFTER_THROTTLING, random);
    this.attempts = attempts;
  }
}

/** The transaction was still in progress after the last attempt. It may still be written. */
export class OutboxUnsettledError extends WaybillError {
  readonly code = 'OUTBOX_UNSETTLED';
  /** Safe in a consumer: if it was written, the guards refuse the second commit. */
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  /** @param random from 0 up to but not including 1 */
  constructor(attempts: number, random: number) {
    super(
      `the transaction was still in progress after ${attempts} attempts and may still be written: read its items before you try again`,
    );
    this.retryAfterSeconds = spread(AFTER_THROTTLING, random);
  }
}

/** The transaction is larger than the services allow. Nothing was sent. */
export class OutboxLimitError extends WaybillError {
  readonly code = 'OUTBOX_LIMIT_EXCEEDED';
  override readonly disposition = 'permanent';
  readonly limit: 'actions' | 'transactionBytes' | 'itemBytes' | 'eventBytes';

  constructor(limit: OutboxLimitError['limit'], message: string) {
    super(message);
    this.limit = limit;
  }
}

/** A unit of work was used after its function had returned or failed. */
export class UnitOfWorkClosedError extends WaybillError {
  readonly code = 'UNIT_OF_WORK_CLOSED';

  constructor(method: string) {
    super(
      `tx.${method} was called after the unit of work had ended: await everything before the function that received tx returns`,
    );
  }
}

/** The relay was created with an option with which every call would fail. */
export class RelayMisconfiguredError extends WaybillError {
  readonly code = 'RELAY_MISCONFIGURED';
}

/** A record that does not come from a DynamoDB stream: it has no sequence number to report to Lambda. */
export class StreamRecordError extends WaybillError {
  readonly code = 'STREAM_RECORD_INVALID';
}
