import type { Logger } from '@aws-lambda-powertools/logger';
import type { EventDefinition, Subscription } from '../definitions/index.ts';
import type { EventOf } from '../event/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { nearestOf } from '../shared/nearest.ts';
import { ConsumerHandlersError } from './errors.ts';

export interface HandlerContext {
  /**
   * Collects the handler's writes and new events; they are committed together once the handler has returned, and
   * dropped when it throws. New events inherit correlation, causation, trace and tenant.
   */
  readonly tx: UnitOfWork;
  /** Carries correlation, causation, tenant and event id in every line. */
  readonly log: Logger;
  /** Fires shortly before Lambda would end the invocation: pass it to whatever can be given up. */
  readonly signal: AbortSignal;
  /** The same at every attempt at this event by this consumer: pass it on to systems outside DynamoDB. */
  readonly idempotencyKey: string;
  /**
   * Has `action` run once the handler's work is committed, for what may be lost: dropping a cache, waking somebody up.
   * Best effort: the actions run one after another, in the time that the invocation has left; what they throw is
   * logged as a warning and fails nothing; a crash after the commit loses them. None runs where this execution
   * committed nothing: the event failed, had been handled before, or another execution was first.
   */
  afterCommit(action: () => void | Promise<void>): void;
}

export type EventHandler<Definition extends EventDefinition> = (
  event: EventOf<Definition>,
  context: HandlerContext,
) => void | Promise<void>;

/** One handler per event type of the subscription: a missing one does not compile. */
export type Handlers<S extends Subscription> = {
  readonly [Definition in S['events'][number] as Definition['type']]: EventHandler<Definition>;
};

/** A subscription with the code that serves it. */
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
 * a type; the compiler refuses both, too, where it sees the object's literal
 */
export const handlersFor = <S extends Subscription>(
  subscription: S,
  handlers: NoInfer<Handlers<S>>,
): SubscriptionHandlers<S> => {
  assertHandlers(subscription, handlers);
  // a handler is only ever called with events of the type that it stands under
  return { subscription, handlers: handlers as unknown as SubscriptionHandlers['handlers'] };
};

/**
 * Compares a subscription with its handlers by name, before an event finds out.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` naming every type without a handler and every handler without a type
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

/** What looks the same is not always: a blank, or a letter of another alphabet, is written as its code. */
const quoted = (text: string): string =>
  `'${text.replace(/[^!-~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);
