import type { EventDefinition, Subscription, TableSchema } from '../definitions/index.ts';
import type { EventOf } from '../event/index.ts';

/** The key of an item of a view: its partition key and, if the view has one, its sort key. */
export type ViewKey = Readonly<Record<string, string | number>>;

/** The amounts that an event adds to one item of counters. */
export interface Addition {
  readonly key: ViewKey;
  /** Whole numbers by attribute. Negative numbers subtract. */
  readonly amounts: Readonly<Record<string, number>>;
}

/** Members that projections of items and of counters share. */
export interface ProjectionDeclaration<Item> {
  readonly name: string;
  readonly version: number;
  /** The subscription of its consumer. */
  readonly subscription: Subscription;
  /** The schema of its table. */
  readonly view: TableSchema;
  readonly parse: (item: unknown) => Item;
}

/** A view whose items are changed by events one after another. */
export interface ItemsProjection<Item> extends ProjectionDeclaration<Item> {
  readonly kind: 'items';
  readonly keys: (event: EventOf<EventDefinition>) => readonly ViewKey[];
  readonly evolve: Readonly<
    Record<string, (item: Item | undefined, event: EventOf<EventDefinition>, key: ViewKey) => Item | undefined>
  >;
}

/** A view of sums to which events of many groups add, in any order. */
export interface CountersProjection<Item> extends ProjectionDeclaration<Item> {
  readonly kind: 'counters';
  readonly shards: number;
  readonly additions: Readonly<Record<string, (event: EventOf<EventDefinition>) => readonly Addition[]>>;
}

/** A view and the steps that build it from events. Returned by `defineProjection` and `defineCounters`. */
export type Projection<Item = unknown> = ItemsProjection<Item> | CountersProjection<Item>;

/** A projection without its item type, for code that does not read the items. */
export type OpaqueProjection = Pick<Projection, 'name' | 'version' | 'view'>;
