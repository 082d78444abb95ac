import {
  ContractError,
  defineSubscription,
  type EventDefinition,
  ownMember,
  type StartFrom,
  type TableSchema,
  UNUSABLE_NAME,
} from '../definitions/index.ts';
import type { EventOf } from '../event/index.ts';
import type { Addition, CountersProjection, ItemsProjection, ViewKey } from './projection.ts';
import { STORED } from './view-items.ts';

/** Props shared by projections of items and of counters. */
export interface ViewProps<Name extends string, Events extends readonly EventDefinition[], Item> {
  /** Name of the projection and of its consumer: 1 to 40 lower-case letters, digits and hyphens, starting with a letter. */
  readonly name: Name;
  /** The event types from which the view is built. */
  readonly events: Events;
  /**
   * Schema of its table. Partition keys of the table and of its indexes must be strings; no stream and no time to live.
   */
  readonly view: TableSchema;
  /** Validates an item that is read from the table. */
  readonly parse: (item: unknown) => Item;
  /**
   * Version of the code that builds the view, a whole number from 1. Raise it with each change that makes the same
   * events produce another view, then rebuild. Code of an older version does not write to a view that a newer version
   * built.
   * @default 1
   */
  readonly version?: number;
  /** Where it starts in a group that it has not processed yet. @default 'horizon': the oldest event in the log */
  readonly startFrom?: StartFrom;
}

/** One step per event type. A missing one does not compile. */
export type EvolveSteps<Events extends readonly EventDefinition[], Item> = {
  readonly [Definition in Events[number] as Definition['type']]: (
    item: Item | undefined,
    event: EventOf<Definition>,
    key: ViewKey,
  ) => Item | undefined;
};

/** One step per event type. A missing one does not compile. */
export type AddSteps<Events extends readonly EventDefinition[]> = {
  readonly [Definition in Events[number] as Definition['type']]: (event: EventOf<Definition>) => readonly Addition[];
};

export interface ProjectionProps<Name extends string, Events extends readonly EventDefinition[], Item>
  extends ViewProps<Name, Events, Item> {
  /** The keys of the items that an event changes; at most 90. */
  readonly keys: (event: NoInfer<EventOf<Events[number]>>) => readonly ViewKey[];
  /**
   * One step per event type. Returns the item after the event, or undefined to delete it. Must be pure: the same item
   * and event always give the same result. A missing type does not compile.
   */
  readonly on: NoInfer<EvolveSteps<Events, Item>>;
}

export interface CountersProps<Name extends string, Events extends readonly EventDefinition[], Item>
  extends ViewProps<Name, Events, Item> {
  /**
   * Number of shards per item, 1 to 100. More shards reduce contention when many groups add to one item; reading sums
   * them. The number can be changed at any time. More than one requires a sort key of type `S`.
   * @default 1
   */
  readonly shards?: number;
  /**
   * One step per event type. Returns what the event adds, to at most 90 items. Must be pure. A missing type does not
   * compile.
   */
  readonly on: NoInfer<AddSteps<Events>>;
}

const MAX_SHARDS = 100;

/**
 * Declares a view whose items are changed by events. Events of one group change an item in order. Events of different
 * groups change the same item in any order, and a rebuild may use another order: use `defineCounters` for such items.
 *
 * @example
 * export const openOrders = defineProjection({
 *   name: 'open-orders',
 *   events: [OrderPlaced, OrderShipped],
 *   view: OPEN_ORDERS_VIEW,
 *   parse: openOrderSchema.parse,
 *   keys: ({ data }) => [{ orderId: data.orderId }],
 *   on: {
 *     'com.example.order.placed': (_, { data, time }) => ({ ...data, placedAt: time }),
 *     'com.example.order.shipped': () => undefined,
 *   },
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineProjection<const Name extends string, const Events extends readonly EventDefinition[], Item>(
  props: ProjectionProps<Name, Events, Item>,
): ItemsProjection<Item> {
  const { keys, on } = props;
  return Object.freeze({
    ...declare(props, on, []),
    kind: 'items',
    // they are only called with events of the declared types
    keys: keys as unknown as ItemsProjection<Item>['keys'],
    evolve: on as unknown as ItemsProjection<Item>['evolve'],
  });
}

/**
 * Declares a view of sums to which many groups add. The order of additions does not matter.
 *
 * @example
 * export const salesByDay = defineCounters({
 *   name: 'sales-by-day',
 *   events: [OrderPlaced],
 *   view: SALES_VIEW,
 *   parse: salesSchema.parse,
 *   shards: 8,
 *   on: {
 *     'com.example.order.placed': ({ data, time }) => [
 *       { key: { shop: data.shop, day: time.slice(0, 10) }, amounts: { orders: 1, pence: data.pence } },
 *     ],
 *   },
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineCounters<const Name extends string, const Events extends readonly EventDefinition[], Item>(
  props: CountersProps<Name, Events, Item>,
): CountersProjection<Item> {
  const { on, view, shards = 1 } = props;
  const problems: string[] = [];
  if (!(Number.isSafeInteger(shards) && shards >= 1 && shards <= MAX_SHARDS)) {
    problems.push(`shards must be a whole number from 1 to ${MAX_SHARDS}, got ${shards}`);
  }
  if (shards > 1 && view.sortKey?.type !== 'S') {
    problems.push(`shards ${shards} requires a sort key of type S, to which the shard's number is appended`);
  }
  if ((view.indexes ?? []).length > 0) problems.push('a view of counters cannot have indexes: query by its key');
  return Object.freeze({
    ...declare(props, on, problems),
    kind: 'counters',
    shards,
    additions: on as unknown as CountersProjection<Item>['additions'],
  });
}

function declare<Item>(
  props: ViewProps<string, readonly EventDefinition[], Item>,
  on: Readonly<Record<string, unknown>>,
  problems: string[],
) {
  const { name, events, view, parse, version = 1, startFrom = 'horizon' } = props;
  const subscription = defineSubscription({ name, events, startFrom });
  const missing = events.filter(({ type }) => typeof ownMember(on, type) !== 'function').map(({ type }) => type);
  if (missing.length > 0)
    problems.push(`on must have a function for each event type, missing: '${missing.join("', '")}'`);
  if (!(Number.isSafeInteger(version) && version >= 1)) {
    problems.push(`version must be a whole number from 1, got ${version}`);
  }
  problems.push(...viewProblems(view));
  if (problems.length > 0) throw new ContractError(`projection '${name}'`, problems);
  return { name, version, subscription, view, parse };
}

function viewProblems({ partitionKey, sortKey, indexes = [], timeToLiveAttribute, stream }: TableSchema): string[] {
  const problems: string[] = [];
  for (const { name, type } of [partitionKey, ...indexes.map((index) => index.partitionKey)]) {
    if (type !== 'S')
      problems.push(`view: partition key '${name}' must be of type S, got ${type}: the generation is stored in it`);
    if (name === sortKey?.name)
      problems.push(`view: '${name}' cannot be both a partition key and the table's sort key`);
  }
  const reserved = Object.values(STORED);
  const keyed = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  if (keyed.some((key) => key?.name === UNUSABLE_NAME)) {
    problems.push(`view: no key may be named '${UNUSABLE_NAME}'`);
  }
  const taken = keyed.filter((key) => reserved.some((attribute) => attribute === key?.name));
  if (taken.length > 0) problems.push(`view: no key may be named ${reserved.join(', ')}: these names are reserved`);
  if (timeToLiveAttribute !== undefined) {
    problems.push(
      `view: timeToLiveAttribute '${timeToLiveAttribute}' is not allowed: expired items would reappear after a rebuild`,
    );
  }
  if (stream !== undefined)
    problems.push(
      'view: a stream is not allowed, because each rebuild would appear as changes; publish events instead',
    );
  return problems;
}
