import { ownMember, type TableSchema } from '../contracts/index.ts';
import type { TenantQuery } from '../tenancy/ports.ts';
import type { ViewKey } from './projection.ts';

/** An item of a view's table, with what the projection keeps beside the view's own attributes. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** An item as the table has it: what is the view's own in it, the projection parses. */
export const parseStoredItem = (item: unknown): StoredItem => item as StoredItem;

/** What every item of a view's table has beside the view's own attributes. */
export const STORED = {
  generation: 'viewGeneration',
  /** Rises with each change, from a number of the event that made the item; not on counters. */
  revision: 'viewRevision',
  /** `time` of the last event that changed the item. */
  asOf: 'viewAsOf',
  /** Which part of its item it is; on counters that are kept in more than one. */
  shard: 'viewShard',
} as const;

const ADDED: ReadonlySet<string> = new Set(Object.values(STORED));

/** How the keys of a view's items stand in its table: each partition key begins with the generation. */
export interface ViewKeys {
  /** The key attributes of an item, for the table. */
  toStored(generation: number, key: ViewKey): Record<string, string | number>;
  /** A whole item, for the table: the partition keys of its indexes, too. */
  toStoredItem(generation: number, item: StoredItem): Record<string, unknown>;
  /** The view's own attributes. */
  fromStored(generation: number, stored: StoredItem): StoredItem;
  /** A query of the table or of an index, as its stored keys are. */
  toStoredQuery(generation: number, query: TenantQuery): TenantQuery;
  /** The same for the same item, different for different ones. */
  identify(key: ViewKey): string;
}

export function createViewKeys({ partitionKey, sortKey, indexes = [] }: TableSchema): ViewKeys {
  const partitions = new Set([partitionKey.name, ...indexes.map((index) => index.partitionKey.name)]);
  const keyNames = [partitionKey.name, ...(sortKey === undefined ? [] : [sortKey.name])];
  const partition = (generation: number, value: string) => `${generation}#${value}`;

  const withPartitions = (item: StoredItem, change: (value: string) => string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => [
        name,
        partitions.has(name) && typeof value === 'string' ? change(value) : value,
      ]),
    );

  return {
    toStoredQuery(generation, { partition: value, sortBeginsWith, sortFrom, sortTo, ...query }) {
      // an index may be sorted by what the table, or another index, begins with; the table itself is not
      const sorted = indexes.find(({ name }) => name === query.indexName)?.sortKey;
      const holdsGeneration = sorted !== undefined && partitions.has(sorted.name);
      const stored = <Value>(sort: Value): Value | string =>
        holdsGeneration && typeof sort === 'string' ? partition(generation, sort) : sort;
      return {
        ...query,
        partition: partition(generation, value),
        ...(sortBeginsWith === undefined ? {} : { sortBeginsWith: stored(sortBeginsWith) }),
        ...(sortFrom === undefined ? {} : { sortFrom: stored(sortFrom) }),
        ...(sortTo === undefined ? {} : { sortTo: stored(sortTo) }),
      };
    },
    identify: (key) => JSON.stringify(keyNames.map((name) => ownMember(key, name))),
    toStored: (generation, key) =>
      Object.fromEntries(
        keyNames.map((name) => {
          const value = ownMember(key, name) ?? '';
          return [name, name === partitionKey.name ? partition(generation, String(value)) : value];
        }),
      ),
    toStoredItem: (generation, item) => withPartitions(item, (value) => partition(generation, value)),
    fromStored(generation, stored) {
      const prefix = partition(generation, '');
      const own = Object.entries(stored).filter(([name]) => !ADDED.has(name));
      return withPartitions(Object.fromEntries(own), (value) =>
        value.startsWith(prefix) ? value.slice(prefix.length) : value,
      );
    },
  };
}
