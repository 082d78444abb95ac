import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { CloudEvent } from '../contracts/index.ts';
import { causedBy, parseEvent, readEvent } from '../event/index.ts';
import type { Inbox } from '../inbox/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { EventTypeUnknownError, HandlerDeadlineError } from './errors.ts';
import type { EventHandler, HandlerContext, SubscriptionHandlers } from './handlers-for.ts';

export interface HandleEventDeps {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
}

export interface Invocation {
  readonly context: Context;
  /** Fires shortly before the invocation's time is up. */
  readonly signal: AbortSignal;
}

/**
 * Takes one message's body to its handler, at most once per event, and commits what the handler collected.
 * @param log becomes the handler's logger, with the event's ids in every line
 * @throws EventMalformedError `EVENT_MALFORMED`: the body is no event
 * @throws EventTypeUnknownError `EVENT_TYPE_UNKNOWN`: the consumer did not subscribe to it
 * @throws EventDataError `EVENT_DATA_INVALID`: its schema refuses the data
 * @throws InboxBusyError `INBOX_BUSY`: another execution has the event
 * @throws HandlerDeadlineError `HANDLER_DEADLINE`: the invocation's time was up first
 * @throws whatever the handler or the commit of its work throws
 */
export async function handleEvent(
  body: string,
  { subscription, handlers }: SubscriptionHandlers,
  { inbox, outbox }: HandleEventDeps,
  { context, signal }: Invocation,
  log: Logger,
): Promise<{ readonly event: CloudEvent; readonly result: 'handled' | 'duplicate' }> {
  const received = parseEvent(body);
  log.appendKeys(logKeysOf(received));
  const definition = subscription.events.find(({ type }) => type === received.type);
  const handler: EventHandler<NonNullable<typeof definition>> | undefined = handlers[received.type];
  if (definition === undefined || handler === undefined) throw new EventTypeUnknownError(received.type, subscription);
  const event = await readEvent(definition, received);

  const idempotencyKey = `${subscription.name}/${event.source}/${event.id}`;
  const run = async (tx: HandlerContext['tx']) => {
    await handler(event, { tx, log, signal, idempotencyKey });
  };
  const effect = async () => {
    await outbox.transact((tx) => inTime(run(tx), signal, event.type), causedBy(received));
  };
  return { event: received, result: await inbox.once(received, effect, context) };
}

/** A handler that outlives the signal is left alone: its unit of work is closed, so nothing of it is written. */
async function inTime(work: Promise<void>, signal: AbortSignal, type: string): Promise<void> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new HandlerDeadlineError(type));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, expired]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

const logKeysOf = (event: CloudEvent) => ({
  event_id: event.id,
  event_type: event.type,
  group: event.partitionkey,
  sequence: event.sequence,
  correlation_id: event.correlationid,
  causation_id: event.causationid,
  traceparent: event.traceparent,
  tenant_id: event.tenantid,
});
