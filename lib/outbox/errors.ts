import { type Disposition, WaybillError } from '../definitions/index.ts';
import { defineHidden } from '../shared/hidden.ts';
import { describeWrite, type WriteSubject } from './write-subject.ts';

/** A condition that the caller put on a write does not hold. Nothing was written. */
export class OutboxConditionError extends WaybillError {
  readonly code = 'OUTBOX_CONDITION_FAILED';
  /** `retry` where the condition is a mistake: a handler that runs again at once meets the same item. */
  override readonly disposition: Disposition;
  readonly subject: WriteSubject;
  /** The item as it stands, undefined when there is none. Not enumerable: it may be personal. */
  declare readonly item: Readonly<Record<string, unknown>> | undefined;
  /**
   * What of the condition compares values of different types: it cannot hold, whoever else writes. Undefined where the
   * race may have been lost to another; then a consumer runs its handler again.
   */
  readonly mistake: string | undefined;

  constructor(
    subject: WriteSubject,
    condition: string | undefined,
    item: Readonly<Record<string, unknown>> | undefined,
    mistake?: string,
  ) {
    const stands = item === undefined ? 'there is no such item' : "the item as it stands is in the error's 'item'";
    super(
      `${describeWrite(subject)}: its condition '${condition ?? ''}' ${mistake === undefined ? `does not hold, ${stands}` : `cannot hold: ${mistake}, and values of different types neither equal nor follow each other: compare values of one type`}; nothing was written`,
    );
    this.subject = subject;
    this.mistake = mistake;
    this.disposition = mistake === undefined ? 'lost-race' : 'retry';
    defineHidden(this, 'item', item);
  }
}

/** DynamoDB refuses one of the caller's writes as it is. Nothing was written. */
export class OutboxWriteError extends WaybillError {
  readonly code = 'OUTBOX_WRITE_REFUSED';
  readonly subject: WriteSubject;

  constructor(subject: WriteSubject, reasonCode: string, reason: string) {
    super(`${describeWrite(subject)}: DynamoDB refuses it (${reasonCode}): ${reason}; nothing was written`);
    this.subject = subject;
  }
}

/** DynamoDB refuses the transaction as a whole, without saying for which of its writes. Nothing was written. */
export class OutboxRequestError extends WaybillError {
  readonly code = 'OUTBOX_REQUEST_REFUSED';
  readonly subjects: readonly WriteSubject[];

  constructor(subjects: readonly WriteSubject[], cause: Error) {
    const all = subjects.slice(0, MOST_SHOWN).map(describeWrite).join(', ');
    const more = subjects.length > MOST_SHOWN ? ` and ${subjects.length - MOST_SHOWN} more` : '';
    super(
      `DynamoDB refuses the transaction (${cause.name}): ${cause.message}; nothing was written: mend the write that it is about, one of ${all === '' ? 'the events' : all}${more}`,
      { cause },
    );
    this.subjects = subjects;
  }
}

const MOST_SHOWN = 5;

/** A unit of work writes to one item twice, which no transaction can. Nothing was written. */
export class ItemTwiceError extends WaybillError {
  readonly code = 'OUTBOX_ITEM_TWICE';
  override readonly disposition = 'permanent';
  readonly subjects: readonly WriteSubject[];

  constructor(tableName: string, subjects: readonly WriteSubject[]) {
    super(
      `one item of table '${tableName}' is written twice in one transaction, which DynamoDB does not take, by ${subjects.length > 2 ? 'two of ' : ''}${subjects.map(describeWrite).join(' and ')}; nothing was written: make one write of them, with both conditions`,
    );
    this.subjects = subjects;
  }
}

/** What spreads the retries of many that were refused at the same time. */
const spread = ([from, to]: readonly [number, number], random: number): number =>
  Math.ceil(from + (to - from) * random);

/** Seconds: a hot group is calmer then. */
const AFTER_CONTENTION = [1, 10] as const;

/** Seconds: on-demand tables double what they take within minutes, partitions split within some more. */
const AFTER_THROTTLING = [5, 30] as const;

/** Other transactions were first at every attempt. Nothing was written. */
export class OutboxContentionError extends WaybillError {
  readonly code = 'OUTBOX_CONTENTION';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;
  /** Those of the transaction's events that share a group. */
  readonly groups: readonly string[];
  readonly attempts: number;

  /** @param random from 0 up to but not including 1 */
  constructor(groups: readonly string[], attempts: number, lastReason: string, random: number) {
    const load =
      groups.length === 0
        ? 'look what else writes to these items'
        : `spread the load over more groups than '${groups.join("', '")}'`;
    super(
      `gave up after ${attempts} attempts, each time another transaction was first (${lastReason}); nothing was written: try again later, or ${load}`,
    );
    this.retryAfterSeconds = spread(AFTER_CONTENTION, random);
    this.groups = groups;
    this.attempts = attempts;
  }
}

/** DynamoDB throttled the transaction at every attempt. Nothing was written. */
export class OutboxThrottledError extends WaybillError {
  readonly code = 'OUTBOX_THROTTLED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;
  readonly attempts: number;

  /** @param random from 0 up to but not including 1 */
  constructor(attempts: number, reason: string, random: number) {
    super(
      `DynamoDB throttled the transaction at each of ${attempts} attempts (last: ${reason}); nothing was written: try again later; where it goes on, look for a hot partition or raise the table's limits`,
    );
    this.retryAfterSeconds = spread(AFTER_THROTTLING, random);
    this.attempts = attempts;
  }
}

/** DynamoDB was still at work on the transaction when the attempts were used up. It may be written yet. */
export class OutboxUnsettledError extends WaybillError {
  readonly code = 'OUTBOX_UNSETTLED';
  /** Safe at a consumer: its guards refuse what is written already. */
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  /** @param random from 0 up to but not including 1 */
  constructor(attempts: number, random: number) {
    super(
      `the transaction was still in progress at each of ${attempts} looks, and may be written yet: read what it was to write before trying again`,
    );
    this.retryAfterSeconds = spread(AFTER_THROTTLING, random);
  }
}

/** The transaction is larger than the services take. Nothing was sent. */
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

/** The relay was put together with a value that no call could ever succeed with. */
export class RelayMisconfiguredError extends WaybillError {
  readonly code = 'RELAY_MISCONFIGURED';
}

/** A record that does not come from a DynamoDB stream: it has no place that could be reported to Lambda. */
export class StreamRecordError extends WaybillError {
  readonly code = 'STREAM_RECORD_INVALID';
}
