import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SubscriptionHandlers } from '../consumer/index.ts';
import {
  type ApiDefinition,
  type EventDefinition,
  type EventInputOf,
  isTimestamp,
  type KeyOf,
  ownMember,
  type Subscription,
  type TableSchema,
  type TenancyMode,
} from '../definitions/index.ts';
import { parseEvent } from '../event/index.ts';
import type { ApiHandlers } from '../http/index.ts';
import type { Outbox } from '../outbox/index.ts';
import type { SagaTimers } from '../saga/index.ts';
import { unmarshallItem } from '../shared/marshalling.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import {
  createTenantTable,
  type ItemsOf,
  parserOf,
  type Tenancy,
  type TenantDirectory,
  type TenantTable,
} from '../tenancy/index.ts';
import type { WebhookDefinition } from '../webhook/index.ts';
import { type ApiUnderTest, createApiUnderTest } from './api-under-test.ts';
import { type ConsumerUnderTest, createConsumerUnderTest, type PublishOptions } from './consumer-under-test.ts';
import { GivenFailedError, HarnessUseError } from './errors.ts';
import type { Given, Happened } from './given.ts';
import { createInMemoryTableStore } from './in-memory-table-store.ts';
import { type CommittedEvent, eventsOf } from './outcome.ts';
import { type PlainItem, plainItems } from './plain-items.ts';
import { createRoutes } from './routes.ts';
import { type RunOptions, type RunSummary, runToEnd } from './run-to-end.ts';
import { createServedConsumer, type ServedConsumer } from './served-consumer.ts';
import { createStage } from './stage.ts';
import { createTimerService } from './timer-service.ts';
import { createWebhookUnderTest, type WebhookUnderTest } from './webhook-under-test.ts';

export interface HarnessOptions<Tables extends Readonly<Record<string, TableSchema>>> {
  /** Schemas of the services' own tables, by table name. @default - none */
  readonly tables?: Tables;
  /** @default 'none' */
  readonly tenancy?: TenancyMode;
  /** Who may work; events of other tenants wait. @default - every tenant may */
  readonly tenants?: TenantDirectory;
  /** The clock's time at the start, RFC 3339. @default DEFAULT_START */
  readonly startsAt?: string;
}

/** Opens a table of the harness by its name, as `runtime.table` does for a service. */
export interface HarnessTable<Tables extends Readonly<Record<string, TableSchema>>> {
  <Name extends keyof Tables & string, Items extends StandardSchemaV1>(
    name: Name,
    items: Items,
  ): TenantTable<StandardSchemaV1.InferOutput<Items>, KeyOf<Tables[Name]>, StandardSchemaV1.InferInput<Items>>;
  <Name extends keyof Tables & string, Item>(
    name: Name,
    parse: (item: unknown) => Item,
  ): TenantTable<Item, KeyOf<Tables[Name]>>;
}

export interface Harness<Tables extends Readonly<Record<string, TableSchema>>> {
  readonly clock: Clock;
  readonly tenancy: Tenancy;
  /** For services that publish events but are not consumers. */
  readonly outbox: Outbox;
  /** For process managers; `runToEnd` publishes due timers. */
  readonly timers: SagaTimers;
  /** Opens a table as services do. */
  readonly table: HarnessTable<Tables>;
  /** Runs a subscription's handlers in the production consumer, with an inbox and cursors in memory. */
  serve<S extends Subscription>(served: SubscriptionHandlers<S>): ConsumerUnderTest<S>;
  /** Runs the handlers of an API behind the production edge: identity, validation, idempotency keys. */
  serveApi<Api extends ApiDefinition>(api: Api, handlers: NoInfer<ApiHandlers<Api>>): ApiUnderTest<Api>;
  /** Runs a webhook behind the production receiver, which takes every signature for right. */
  serveWebhook(webhook: WebhookDefinition): WebhookUnderTest;
  /** @throws GivenFailedError `TESTING_GIVEN_FAILED` if a consumer does not handle an event */
  given(given: Given<keyof Tables & string>): Promise<void>;
  /**
   * Publishes an event, which `runToEnd` delivers to every consumer that takes it. @throws EventDataError
   * `EVENT_DATA_INVALID`
   */
  publish<Definition extends EventDefinition>(
    definition: Definition,
    data: EventInputOf<Definition>,
    options?: PublishOptions,
  ): Promise<CommittedEvent<Definition>>;
  /**
   * Delivers all published events, and those that consumers publish, to every consumer that takes them, until no event
   * is in progress.
   * @throws NoEndError `TESTING_NO_END` after `maxDeliveries`, HarnessUseError `TESTING_MISUSED` if options are invalid
   */
  runToEnd(options?: RunOptions): Promise<RunSummary>;
  /**
   * Plain items, in the order of their first writes. @param options.tenantId returns only the items of this tenant,
   * with keys without the tenant
   */
  items(name: keyof Tables & string, options?: { readonly tenantId?: string }): readonly PlainItem[];
  /** The events published so far, in the order of commits. */
  events(): readonly CommittedEvent[];
  events<Definition extends EventDefinition>(definition: Definition): readonly CommittedEvent<Definition>[];
  advance(delayMs: number): void;
}

export const DEFAULT_START = '2026-01-05T09:00:00.000Z';

/**
 * Runs services in memory, for tests. Handlers run in the production consumer, transactions follow DynamoDB's rules,
 * and a test can crash the process. The harness has its own clock and ids, so that every run is the same.
 *
 * @example
 * const shop = createHarness({ tables: { payments: PAYMENTS_TABLE } });
 * const payments = shop.serve(createPaymentsHandlers({ payments: shop.table('payments', paymentSchema), gateway }));
 *
 * const outcome = await payments.when(OrderPlaced, order);
 *
 * expect(outcome.kind).toBe('handled');
 * expect(outcome.eventsOf(PaymentCaptured)).toMatchObject([{ data: { orderId: '1001' } }]);
 */
export function createHarness<const Tables extends Readonly<Record<string, TableSchema>> = Record<never, never>>(
  options: HarnessOptions<Tables> = {},
): Harness<Tables> {
  const { tables: schemas, tenancy: mode = 'none', tenants, startsAt = DEFAULT_START } = options;
  if (!isTimestamp(startsAt)) {
    throw new HarnessUseError(
      `startsAt must be an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got '${startsAt}'`,
    );
  }
  const stage = createStage({
    tables: schemas ?? {},
    tenancy: mode,
    tenants,
    startsAt: Date.parse(startsAt) as EpochMs,
  });
  const { clock, tables, tenancy, log, outbox } = stage;
  const store = createInMemoryTableStore(tables);
  const consumers: ServedConsumer[] = [];
  const routes = createRoutes(() => log.events);
  const timerService = createTimerService(stage);

  const tableOf = <Item>(tableName: string, items: ItemsOf<Item>) =>
    createTenantTable({
      store,
      outbox,
      tenancy,
      tableName,
      schema: schemaOf(tableName),
      parse: parserOf(tableName, items),
    });

  const schemaOf = (tableName: string): TableSchema => {
    const schema = ownMember<TableSchema>(schemas ?? {}, tableName);
    if (schema !== undefined) return schema;
    throw new HarnessUseError(
      `the harness has no table '${tableName}', it has '${Object.keys(schemas ?? {}).join("', '")}': add it to 'tables'`,
    );
  };

  const publish = async (definition: EventDefinition, data: unknown, context: PublishOptions = {}) => {
    const { events } = await outbox.transact((tx) => tx.publish(definition, data), context);
    const [event] = events;
    if (event === undefined) throw new HarnessUseError(`'${definition.type}' was not published`);
    return event;
  };

  const haveHappened = async ({ definition, data }: Happened, context: PublishOptions) => {
    const event = await publish(definition, data, context);
    for (const consumer of consumers.filter(({ takes }) => takes(definition))) {
      routes.skip(consumer, event.id);
      const messageId = consumer.queue.send(event.partitionkey, JSON.stringify(event));
      const outcome = await consumer.deliver(messageId, event);
      if (outcome?.kind === 'handled' || outcome?.kind === 'duplicate') continue;
      throw new GivenFailedError(consumer.subscription.name, event.type, outcome);
    }
  };

  function events(): readonly CommittedEvent[];
  function events<Definition extends EventDefinition>(definition: Definition): readonly CommittedEvent<Definition>[];
  function events(definition?: EventDefinition): readonly CommittedEvent[] {
    const all = log.events.map(({ body }) => parseEvent(body));
    return definition === undefined ? all : eventsOf(all, definition);
  }

  return {
    clock,
    tenancy,
    outbox,
    timers: timerService.timers,
    events,
    table: tableOf as HarnessTable<Tables>,
    advance: clock.advance,

    serve(served) {
      const { subscription } = served;
      if (consumers.some((other) => other.subscription.name === subscription.name)) {
        throw new HarnessUseError(`consumer '${subscription.name}' is served already: each name has one inbox`);
      }
      const consumer = createServedConsumer(served, stage);
      consumers.push(consumer);
      return createConsumerUnderTest(subscription, consumer, stage, async (definition, data, context) => {
        const event = await publish(definition, data, context);
        routes.skip(consumer, event.id);
        return event;
      });
    },

    serveApi: (api, handlers) => createApiUnderTest(api, handlers, stage),
    serveWebhook: (webhook) => createWebhookUnderTest(webhook, stage),

    async given({ tenantId, items = {}, events: earlier = [] }) {
      for (const [name, given] of Object.entries<readonly PlainItem[] | undefined>(items)) {
        const table = tableOf(name, (item) => item);
        for (const Item of given ?? []) await tenancy.runAsTenant(tenantId, () => table.put({ Item: { ...Item } }));
      }
      for (const event of earlier) await haveHappened(event, tenantId === undefined ? {} : { tenantId });
    },

    async publish<Definition extends EventDefinition>(
      definition: Definition,
      data: EventInputOf<Definition>,
      context?: PublishOptions,
    ) {
      const event = await publish(definition, data, context);
      // an event that was published with a definition is one of its events
      return event as CommittedEvent<Definition>;
    },

    runToEnd: (run = {}) => runToEnd(stage, timerService, consumers, (copies) => routes.route(consumers, copies), run),

    items(name, { tenantId } = {}) {
      const items = tables.items(name).map(unmarshallItem);
      const prefix = tenantId === undefined ? '' : tenancy.runAsTenant(tenantId, tenancy.keyPrefix);
      return plainItems(items, schemaOf(name), prefix);
    },
  };
}
