import {
  type CloudEvent,
  describeEventType,
  type EventTypeKey,
  LONGEST_DEPLOYMENT_MS,
  type Subscription,
  WaybillError,
} from '../definitions/index.ts';
import { thrownText } from '../shared/thrown.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventIdentity, MissingPlaces } from './ports.ts';

export const EVENT_TYPE_UNKNOWN = 'EVENT_TYPE_UNKNOWN';

/** Short enough to follow the end of a deployment, long enough to save receives during it. */
const UNKNOWN_TYPE_RETRY_SECONDS = 30;

/**
 * The code does not handle the message's event type. The message waits for the maximum deployment time, because the
 * next code may handle it, and then becomes a dead letter.
 */
export class EventTypeUnknownError extends WaybillError {
  readonly code = EVENT_TYPE_UNKNOWN;
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = UNKNOWN_TYPE_RETRY_SECONDS;

  constructor(event: EventTypeKey, { name, events }: Subscription) {
    super(
      `consumer '${name}' does not handle ${describeEventType(event)}, it handles ${events.map(describeEventType).join(', ')}: the event waits ${LONGEST_DEPLOYMENT_MS / 60_000} minutes for a deployment of code that handles it, then it becomes a dead letter; add the event to the subscription, or check what sent it to the queue`,
    );
  }
}

/** The outbox log has another event, or a tombstone, at the sequence of a message's event. */
export class EventIdMismatchError extends WaybillError {
  readonly code = 'EVENT_ID_MISMATCH';
  override readonly disposition = 'permanent';

  /** @param logged what the log has there; undefined for an operator's tombstone */
  constructor(event: CloudEvent, logged: { readonly source: string; readonly id: string } | undefined) {
    const has =
      logged === undefined ? 'no event (marked as empty by an operator)' : `'${logged.id}' from '${logged.source}'`;
    super(
      `the message has event '${event.id}' from '${event.source}' at ${Number(event.sequence)} of group '${event.partitionkey}', but the outbox log has ${has}: the outbox did not publish it; check what sends to the bus and to the queue, and whether the log was restored to an earlier time`,
    );
  }
}

/** The invocation's time ran out before the handler finished. Its unit of work was not written. */
export class HandlerDeadlineError extends WaybillError {
  readonly code = 'HANDLER_DEADLINE';

  constructor(type: string) {
    super(
      `the handler of '${type}' did not finish before the invocation's deadline; nothing was written: make it faster, or raise the consumer's timeout`,
    );
  }
}

/** The invocation's time ran out before all afterCommit actions finished. The event is handled. */
export class AfterCommitDeadlineError extends WaybillError {
  readonly code = 'AFTER_COMMIT_DEADLINE';

  constructor(left: number) {
    super(
      `${left} of the handler's afterCommit actions did not finish before the invocation's deadline: make them faster, or raise the consumer's timeout`,
    );
  }
}

/**
 * Thrown by a handler if no retry can succeed: the message moves to the DLQ without backoff. A strict consumer does not
 * run the handler again on the way. Without a cursor (fifo, or no group) the handler runs at each remaining receive. A
 * redrive tries it again.
 */
export class PermanentError extends WaybillError {
  readonly code = 'PERMANENT';
  override readonly disposition = 'permanent';
}

/** The handlers do not match the subscription. Thrown when the consumer is created. */
export class ConsumerHandlersError extends WaybillError {
  readonly code = 'CONSUMER_HANDLERS_INVALID';
  readonly problems: readonly string[];

  constructor(consumer: string, problems: readonly string[]) {
    super(
      `consumer '${consumer}' needs one handler for each event type of its subscription, under its name: ${problems.join('; ')}`,
    );
    this.problems = problems;
  }
}

/**
 * Handlers, runtime and construct belong to different subscriptions, or a strict subscription has no cursors and no log.
 * Thrown when the consumer is created.
 */
export class ConsumerWiringError extends WaybillError {
  readonly code = 'CONSUMER_WIRING';
}

/** Another execution changed the group's cursor first. Nothing was written. */
export class CursorMovedError extends WaybillError {
  readonly code = 'CURSOR_MOVED';

  constructor(consumer: string, group: string) {
    super(`another execution of '${consumer}' changed the cursor of group '${group}' first; nothing was written`);
  }
}

/** DynamoDB did not return all requested cursors, for example because the table is throttled. */
export class CursorsUnreadError extends WaybillError {
  readonly code = 'CURSORS_UNREAD';

  constructor(consumer: string, tableName: string, unread: number, reads: number) {
    super(
      `${unread} cursors of '${consumer}' are missing from each of ${reads} answers: table '${tableName}' is throttled; the messages are received again: if this continues, check the table's throttled requests`,
    );
  }
}

/** DynamoDB did not return all requested records of the inbox, for example because the table is throttled. */
export class HandledEventsUnreadError extends WaybillError {
  readonly code = 'HANDLED_EVENTS_UNREAD';

  constructor(consumer: string, tableName: string, unread: number, reads: number) {
    super(
      `${unread} inbox records of '${consumer}' are missing from each of ${reads} answers: table '${tableName}' is throttled; try again later`,
    );
  }
}

/**
 * The log does not show events that it must hold. No later event may be handled. The current event waits and does not
 * become a dead letter.
 */
export class LogHoleError extends WaybillError {
  readonly code = 'LOG_HOLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;
  readonly group: string;
  readonly places: MissingPlaces;

  constructor(group: string, places: MissingPlaces) {
    super(
      `the log does not show ${placesText(places)} of group '${group}', which cannot have expired: no later event is handled until the log shows them; if the events are lost, mark them as empty with: npx waybill fill`,
    );
    this.group = group;
    this.places = places;
  }
}

const placesText = ({ from, to }: MissingPlaces): string => (from === to ? `event ${from}` : `events ${from} to ${to}`);

/** Another execution is handling the event, or ended without a result and its claim has not expired. */
export class InboxBusyError extends WaybillError {
  readonly code = 'INBOX_BUSY';
  /** When the other execution's claim expires. */
  readonly until: EpochMs;

  constructor({ source, id }: EventIdentity, until: EpochMs, options?: ErrorOptions) {
    super(`event '${id}' of '${source}' is being handled by another execution: it will be tried again`, options);
    this.until = until;
  }
}

/**
 * An event failed, and its inbox record could not be read to tell whether the event was handled before. The cause is the
 * error of the read.
 */
export class InboxUnreadError extends WaybillError {
  readonly code = 'INBOX_UNREAD';

  constructor({ source, id }: EventIdentity, failure: unknown, options: ErrorOptions) {
    super(
      `event '${id}' of '${source}' failed, and its inbox record cannot be read to tell whether it was handled before: it will be tried again; it failed with ${thrownText(failure)}`,
      options,
    );
  }
}

/** Another execution claimed or handled the event before this one committed. Nothing was written. */
export class InboxClaimLostError extends WaybillError {
  readonly code = 'INBOX_CLAIM_LOST';

  constructor({ source, id }: EventIdentity) {
    super(`event '${id}' of '${source}' was claimed or handled by another execution first; nothing was written`);
  }
}
