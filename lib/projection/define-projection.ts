import {
  ContractError,
  defineSubscription,
  type EventDefinition,
  ownMember,
  type StartFrom,
  type TableSchema,
  UNUSABLE_NAME,
} from '../contracts/index.ts';
import type { EventOf } from '../event/index.ts';
import type { Addition, CountersProjection, ItemsProjection, ViewKey } from './projection.ts';
import { STORED } from './stored-item.ts';

interface ViewProps<Name extends string, Events extends readonly EventDefinition[], Item> {
  /** Name of the projection and of its consumer: 1 to 40 lower-case letters, digits and hyphens, a letter first. */
  readonly name: Name;
  /** The event types that make the view. */
  readonly events: Events;
  /** Its table: the partition keys of the table and of its indexes are strings; no stream and no expiry. */
  readonly view: TableSchema;
  /** What the table holds is checked like any other input. */
  readonly parse: (item: unknown) => Item;
  /**
   * Version of the code that makes the view, a whole number from 1. Raise it with each change after which the same
   * events make another view, then rebuild: an execution of an older version writes to no newer view.
   * @default 1
   */
  readonly version?: number;
  /** Where it starts in a group that it knows nothing of. @default 'horizon': all that the log holds */
  readonly startFrom?: StartFrom;
}

/** One step per event type: a missing one does not compile. */
type EvolveSteps<Events extends readonly EventDefinition[], Item> = {
  readonly [Definition in Events[number] as Definition['type']]: (
    item: Item | undefined,
    event: EventOf<Definition>,
    key: ViewKey,
  ) => Item | undefined;
};

type AddSteps<Events extends readonly EventDefinition[]> = {
  readonly [Definition in Events[number] as Definition['type']]: (event: EventOf<Definition>) => readonly Addition[];
};

export interface ProjectionProps<Name extends string, Events extends readonly EventDefinition[], Item>
  extends ViewProps<Name, Events, Item> {
  /** The items that an event changes, 90 at most. */
  readonly keys: (event: NoInfer<EventOf<Events[number]>>) => readonly ViewKey[];
  /**
   * By event type: the item as the event leaves it; undefined where there is to be none. Pure: the same item and event
   * always give the same. A missing type does not compile.
   */
  readonly on: NoInfer<EvolveSteps<Events, Item>>;
}

export interface CountersProps<Name extends string, Events extends readonly EventDefinition[], Item>
  extends ViewProps<Name, Events, Item> {
  /**
   * Parts that each item is kept in, 1 to 100, so that groups that add to the same item at once seldom meet; reading
   * sums them up. The number may be changed at any time. More than one needs a sort key of type `S`.
   * @default 1
   */
  readonly shards?: number;
  /** By event type: what the event adds, to 90 items at most. Pure. A missing type does not compile. */
  readonly on: NoInfer<AddSteps<Events>>;
}

const MAX_SHARDS = 100;

/**
 * Declares a view whose items change event by event. The events of one group reach an item in their order; where
 * several groups change the same item, they do so in any order, and a rebuild may take another: let such items be
 * counters.
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
 * @throws ContractError `CONTRACT_INVALID` naming everything that is wrong with it
 */
export function defineProjection<const Name extends string, const Events extends readonly EventDefinition[], Item>(
  props: ProjectionProps<Name, Events, Item>,
): ItemsProjection<Item> {
  const { keys, on } = props;
  return Object.freeze({
    ...declare(props, on, []),
    kind: 'items',
    // they are only ever called with events of the types that they are declared for
    keys: keys as unknown as ItemsProjection<Item>['keys'],
    evolve: on as unknown as ItemsProjection<Item>['evolve'],
  });
}

/**
 * Declares a view of sums that many groups add to. Adding knows no order, so nothing has to wait for its turn.
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
 * @throws ContractError `CONTRACT_INVALID` naming everything that is wrong with it
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
    problems.push(`shards ${shards} need a view with a sort key of type S, which takes the shard's number`);
  }
  if ((view.indexes ?? []).length > 0)
    problems.push('a view of counters has no indexes: put what is asked for in its key');
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
    problems.push(`on must say what to do with each type, got nothing for '${missing.join("', '")}'`);
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
      problems.push(`view: partition key '${name}' must be of type S, got ${type}: it takes the generation`);
    if (name === sortKey?.name) problems.push(`view: '${name}' cannot be a partition key and the table's sort key`);
  }
  const reserved = Object.values(STORED);
  const keyed = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  if (keyed.some((key) => key?.name === UNUSABLE_NAME)) {
    problems.push(`view: no key may be named '${UNUSABLE_NAME}', which no item can hold`);
  }
  const taken = keyed.filter((key) => reserved.some((attribute) => attribute === key?.name));
  if (taken.length > 0) problems.push(`view: no key may be named ${reserved.join(', ')}: every item has them`);
  if (timeToLiveAttribute !== undefined) {
    problems.push(
      `view: timeToLiveAttribute '${timeToLiveAttribute}' would let items expire that a rebuild brings back`,
    );
  }
  if (stream !== undefined) problems.push('view: a stream would show each rebuild as changes; publish events instead');
  return problems;
}
