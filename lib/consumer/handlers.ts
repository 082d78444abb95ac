import type { Logger } from '@aws-lambda-powertools/logger';
import type { EventDefinition, Subscription } from '../definitions/index.ts';
import type { EventOf, EventPrincipal } from '../event/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { nearestOf } from '../shared/nearest.ts';
import { ConsumerHandlersError } from './errors.ts';

export interface HandlerContext {
  /**
   * Collects the handler's writes and new events. They are committed together after the handler returns, and dropped if
   * it throws. New events inherit correlation, causation, trace, tenant and principal.
   */
  readonly tx: UnitOfWork;
  /** Adds correlation, causation, tenant and event id to every line. */
  readonly log: Logger;
  /** Aborted shortly before Lambda ends the invocation: pass it to calls that can be cancelled. */
  readonly signal: AbortSignal;
  /**
   * Who caused the event, as its publisher said: the subject of the access token whose request began the chain of events.
   * Undefined if no event of the chain names one. Not for log lines: it may be personal data.
   */
  readonly principal?: EventPrincipal | undefined;
  /**
   * The same for every attempt of this consumer at this event, in replays, too: pass it to systems outside DynamoDB.
   */
  readonly idempotencyKey: string;
  /**
   * Set if an operator replays the event: the consumer may have handled it before, and its effects outside the unit of work
   * may be there. A handler leaves them alone then, unless they were lost.
   */
  readonly replay?: HandlerReplay | undefined;
  /**
   * Ends the handler, and counts the event as done without an effect: nothing of the handler is committed, and the inbox
   * keeps the reason. It is for events that are rightly without consequence here; throw if something is wrong.
   * @param reason at most 500 characters count; operators read it: no personal data
   */
  skip(reason: string): never;
  /**
   * Runs `action` after the handler's writes are committed. Use it for work that may be lost, such as clearing a cache
   * or sending a notification.
   *
   * Best effort: the actions run one after another in the invocation's remaining time. Errors are logged as warnings
   * and do not fail the event. A crash after the commit loses them. No action runs if this execution committed nothing:
   * the event failed, was a duplicate, or another execution was first.
   */
  afterCommit(action: () => void | Promise<void>): void;
}

/** A replay of a consumer's events by an operator. */
export interface HandlerReplay {
  /** Raised by each replay of the event's group; the inbox handles each event once per generation. */
  readonly generation: number;
}

export type EventHandler<Definition extends EventDefinition> = (
  event: EventOf<Definition>,
  context: HandlerContext,
) => void | Promise<void>;

/** One handler per event type of the subscription. A missing one does not compile. */
export type Handlers<S extends Subscription> = {
  readonly [Definition in S['events'][number] as Definition['type']]: EventHandler<Definition>;
};

/** A subscription and its handlers. */
export interface SubscriptionHandlers<S extends Subscription = Subscription> {
  readonly subscription: S;
  readonly handlers: Readonly<Record<string, EventHandler<EventDefinition>>>;
}

/**
 * Joins a subscription and its handlers.
 *
 * @example
 * export const createBillingHandlers = ({ tableName }: BillingDeps) =>
 *   handlersFor(billing, {
 *     'com.example.order.placed': (event, { tx }) => {
 *       tx.put({ TableName: tableName, Item: { orderId: event.data.orderId } });
 *     },
 *   });
 *
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` naming every type without a handler and every handler without
 * a type. The compiler rejects both if it sees the object literal.
 */
export const handlersFor = <S extends Subscription>(
  subscription: S,
  handlers: NoInfer<Handlers<S>>,
): SubscriptionHandlers<S> => {
  assertHandlers(subscription, handlers);
  // each handler is only called with events of its own type
  return { subscription, handlers: handlers as unknown as SubscriptionHandlers['handlers'] };
};

/**
 * Checks that each event type has a handler and each handler an event type.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` naming every type without a handler and every handler
 * without a type
 */
export function assertHandlers({ name, events }: Subscription, handlers: Readonly<Record<string, unknown>>): void {
  const types = [...new Set(events.map(({ type }) => type))];
  const keys = Object.keys(handlers);
  const unhandled = types.filter((type) => !Object.hasOwn(handlers, type));
  const unknown = keys.filter((key) => !types.includes(key));
  const guesses = new Map(unknown.map((key) => [key, nearestOf(key, unhandled)]));
  const guessed = new Set(guesses.values());
  const problems = [
    ...[...guesses].map(([key, guess]) =>
      guess === undefined
        ? `the handler ${quoted(key)} is for no event of the subscription, which takes ${types.map(quoted).join(', ')}`
        : `the handler ${quoted(key)} is for no event of the subscription: did you mean ${quoted(guess)}, which has none?`,
    ),
    ...unhandled.filter((type) => !guessed.has(type)).map((type) => `${quoted(type)} has no handler`),
    ...types
      .filter((type) => Object.hasOwn(handlers, type) && typeof handlers[type] !== 'function')
      .map((type) => `the handler of ${quoted(type)} must be a function, got ${kindOf(handlers[type])}`),
  ];
  if (problems.length > 0) throw new ConsumerHandlersError(name, problems);
}

/** Escapes blanks and non-ASCII letters, so that names that look the same can be told apart. */
const quoted = (text: string): string =>
  `'${text.replace(/[^!-~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);
