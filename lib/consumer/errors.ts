import {
  type CloudEvent,
  describeEventType,
  type EventTypeKey,
  LONGEST_DEPLOYMENT_MS,
  type Subscription,
  WaybillError,
} from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventIdentity, MissingPlaces } from './ports.ts';

export const EVENT_TYPE_UNKNOWN = 'EVENT_TYPE_UNKNOWN';

/** Soon enough after the end of a deployment, and seldom enough while it lasts. */
const UNKNOWN_TYPE_RETRY_SECONDS = 30;

/**
 * A message holds an event of a type that the code does not take. It waits for as long as a deployment can take, since
 * the next code may take it; only then it is a dead letter.
 */
export class EventTypeUnknownError extends WaybillError {
  readonly code = EVENT_TYPE_UNKNOWN;
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = UNKNOWN_TYPE_RETRY_SECONDS;

  constructor(event: EventTypeKey, { name, events }: Subscription) {
    super(
      `consumer '${name}' does not take ${describeEventType(event)}, it takes ${events.map(describeEventType).join(', ')}: it waits ${LONGEST_DEPLOYMENT_MS / 60_000} minutes for a deployment that brings the code, then it becomes a dead letter; add the event to the subscription, or check what sent it to the queue`,
    );
  }
}

/** The outbox log has another event, or none for good, at the place that a message's event names. */
export class EventIdMismatchError extends WaybillError {
  readonly code = 'EVENT_ID_MISMATCH';
  override readonly disposition = 'permanent';

  /** @param logged what the log has there; undefined where an operator has marked the place as empty */
  constructor(event: CloudEvent, logged: { readonly source: string; readonly id: string } | undefined) {
    const has = logged === undefined ? 'no event, as an operator has marked' : `'${logged.id}' from '${logged.source}'`;
    super(
      `the message has event '${event.id}' from '${event.source}' at ${Number(event.sequence)} of group '${event.partitionkey}', where the outbox log has ${has}: the outbox did not publish it; check what sends to the bus and to the queue, and whether the log was restored to an earlier time`,
    );
  }
}

/** The invocation's time was up before the handler was done. Nothing of its unit of work was written. */
export class HandlerDeadlineError extends WaybillError {
  readonly code = 'HANDLER_DEADLINE';

  constructor(type: string) {
    super(
      `the handler of '${type}' was not done when the invocation's time was nearly up; nothing was written: make it faster, or raise the consumer's timeout`,
    );
  }
}

/** The invocation's time was up before everything that was to follow the commit was done. The event is handled. */
export class AfterCommitDeadlineError extends WaybillError {
  readonly code = 'AFTER_COMMIT_DEADLINE';

  constructor(left: number) {
    super(
      `${left} of the handler's actions after the commit were not done when the invocation's time was nearly up: make them faster, or raise the consumer's timeout`,
    );
  }
}

/**
 * Thrown by a handler that knows that no retry can help: the message goes to the DLQ without backoff. A strict consumer
 * does not run the handler again on the way; without a cursor (fifo, or no group) it runs at each remaining receive. A
 * redrive tries it again.
 */
export class PermanentError extends WaybillError {
  readonly code = 'PERMANENT';
  override readonly disposition = 'permanent';
}

/** The handlers of a consumer are not those of its subscription. Thrown where the consumer is made, before any event. */
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
 * The parts of a consumer do not belong together: handlers, runtime and construct are of different subscriptions, or a
 * strict subscription has no cursors and no log. Thrown where the consumer is made, before any event.
 */
export class ConsumerWiringError extends WaybillError {
  readonly code = 'CONSUMER_WIRING';
}

/** Another execution moved the group's cursor first. Nothing was written. */
export class CursorMovedError extends WaybillError {
  readonly code = 'CURSOR_MOVED';

  constructor(consumer: string, group: string) {
    super(`another execution of '${consumer}' was first in group '${group}'; nothing was written`);
  }
}

/** DynamoDB left cursors out of its answers, as it does with what a throttled table cannot read. */
export class CursorsUnreadError extends WaybillError {
  readonly code = 'CURSORS_UNREAD';

  constructor(consumer: string, tableName: string, unread: number, reads: number) {
    super(
      `${unread} cursors of '${consumer}' are missing from each of ${reads} answers: table '${tableName}' is throttled; the messages come again: if it lasts, look at the table's throttled requests`,
    );
  }
}

/**
 * Events that must be in the log are not shown by it, however often it is read: nothing behind them may be handled. The
 * event at hand waits, and is no dead letter for it.
 */
export class LogHoleError extends WaybillError {
  readonly code = 'LOG_HOLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;
  readonly group: string;
  readonly places: MissingPlaces;

  constructor(group: string, places: MissingPlaces) {
    super(
      `the log does not show ${placesText(places)} of group '${group}', which retention cannot have taken: nothing behind is handled until it does; if the events are lost, mark their places with: npm run waybill -- fill`,
    );
    this.group = group;
    this.places = places;
  }
}

const placesText = ({ from, to }: MissingPlaces): string => (from === to ? `event ${from}` : `events ${from} to ${to}`);

/** Another execution is handling the event, or died while it did and its time is not up yet. */
export class InboxBusyError extends WaybillError {
  readonly code = 'INBOX_BUSY';
  /** When the other execution's time is up at the latest. */
  readonly until: EpochMs;

  constructor({ source, id }: EventIdentity, until: EpochMs, options?: ErrorOptions) {
    super(`event '${id}' of '${source}' is being handled by another execution: it is tried again later`, options);
    this.until = until;
  }
}

/** The execution's time was up and another one claimed the event, or handled it. Nothing was written. */
export class InboxClaimLostError extends WaybillError {
  readonly code = 'INBOX_CLAIM_LOST';

  constructor({ source, id }: EventIdentity) {
    super(`event '${id}' of '${source}' was claimed by another execution meanwhile; nothing was written`);
  }
}
