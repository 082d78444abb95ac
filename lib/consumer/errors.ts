import {
  type CloudEvent,
  describeEventType,
  type EventTypeKey,
  LONGEST_DEPLOYMENT_MS,
  type Subscription,
  WaybillError,
} from '../contracts/index.ts';

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

/** A strict subscription was given no cursors and no log. */
export class ConsumerWiringError extends WaybillError {
  readonly code = 'CONSUMER_WIRING';

  constructor(consumer: string) {
    super(
      `consumer '${consumer}' has ordering 'strict' and was created without 'strict': pass cursors and log, as createConsumerRuntime does, or choose ordering 'fifo'`,
    );
  }
}
