import type { EventDefinition, Subscription, TableSchema } from '../contracts/index.ts';
import type { EventOf } from '../event/index.ts';

/** The key attributes of an item of a view: its partition key and, where the view has one, its sort key. */
export type ViewKey = Readonly<Record<string, string | number>>;

/** What an event adds to one item of counters. */
export interface Addition {
  readonly key: ViewKey;
  /** Whole numbers by attribute, negative ones to take away; 0 adds nothing. */
  readonly amounts: Readonly<Record<string, number>>;
}

type AnyEvent = EventOf<EventDefinition>;

interface AnyProjection<Item> {
  readonly name: string;
  readonly version: number;
  /** What its consumer takes. */
  readonly subscription: Subscription;
  /** What its table is created from and queried by. */
  readonly view: TableSchema;
  readonly parse: (item: unknown) => Item;
}

/** A view of items that events change one after another. */
export interface ItemsProjection<Item> extends AnyProjection<Item> {
  readonly kind: 'items';
  readonly keys: (event: AnyEvent) => readonly ViewKey[];
  readonly evolve: Readonly<
    Record<string, (item: Item | undefined, event: AnyEvent, key: ViewKey) => Item | undefined>
  >;
}

/** A view of sums that events of many groups add to, in any order. */
export interface CountersProjection<Item> extends AnyProjection<Item> {
  readonly kind: 'counters';
  readonly shards: number;
  readonly additions: Readonly<Record<string, (event: AnyEvent) => readonly Addition[]>>;
}

/** A view and how events make it: from `defineProjection` or `defineCounters`. */
export type Projection<Item = unknown> = ItemsProjection<Item> | CountersProjection<Item>;

/** A projection of whatever items: what reads and rebuilds it without looking into them. */
export type OpaqueProjection = Pick<Projection, 'name' | 'version' | 'view'>;
