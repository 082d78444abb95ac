import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createConsumer, type Handlers, handlersFor, type SubscriptionHandlers } from '../consumer/index.ts';
import type { Subscription } from '../definitions/index.ts';
import { type ConsumerRuntime, createConsumerRuntime } from './consumer-runtime.ts';
import { type TenantsOptions, tenantsOf } from './tenants.ts';

/** Handlers, or the result of `handlersFor` with the same subscription. */
export type OwnHandlers<S extends Subscription> = Handlers<S> | SubscriptionHandlers<S>;

/**
 * Creates the Lambda handler of a consumer. Clients and adapters are built once per container, from the variables that
 * the EventConsumer construct sets.
 *
 * @param handlers one handler per event type, or a function that makes them from the runtime: tables, clock, logger
 *
 * @example
 * export const handler = consumer(billing, {
 *   'com.example.order.placed': (event, { tx }) => tx.put({ TableName: bills, Item: billOf(event.data) }),
 * });
 *
 * @example
 * export const handler = consumer(billing, ({ table }) => createBillingHandlers({ bills: table(BILLS, name, billSchema.parse) }));
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if the function does not belong to an EventConsumer
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` if an event type has no handler, or a handler has no event
 * type
 * @throws ConsumerWiringError `CONSUMER_WIRING` if the construct or the handlers have another subscription
 */
export function consumer<const S extends Subscription>(
  subscription: S,
  handlers: NoInfer<Handlers<S>> | ((runtime: ConsumerRuntime<S>) => NoInfer<OwnHandlers<S>>),
  options: TenantsOptions = {},
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const created = createConsumerRuntime(subscription, process.env);
  const runtime = { ...created, ...tenantsOf(options, created) };
  const own = typeof handlers === 'function' ? handlers(runtime) : handlers;
  return createConsumer(isJoined<S>(own) ? own : handlersFor(subscription, own), runtime);
}

/** The handler of an event type that is named `subscription` is a function, not an object. */
const isJoined = <S extends Subscription>(own: OwnHandlers<S>): own is SubscriptionHandlers<S> =>
  'subscription' in own && typeof own.subscription === 'object';
