import { ownMember, shown, type TableAttribute, type TableSchema } from '../definitions/index.ts';
import type { TenantQuery } from '../tenancy/ports.ts';
import { ProjectionResultError } from './errors.ts';
import type { ViewKey } from './projection.ts';

/** An item of a view's table, with the attributes that the projection adds. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** Accepts any item: the projection's `parse` checks the view's own attributes. */
export const parseStoredItem = (item: unknown): StoredItem => item as StoredItem;

/** The attributes that the projection adds to every item of a view's table. */
export const STORED = {
  generation: 'viewGeneration',
  /**
   * Increases with each change. The first value depends on the event that created the item. Counters do not have it.
   */
  revision: 'viewRevision',
  /** `time` of the last event that changed the item. */
  asOf: 'viewAsOf',
  /** The number of the shard, on counters with more than one shard. */
  shard: 'viewShard',
} as const;

const ADDED: ReadonlySet<string> = new Set(Object.values(STORED));

/**
 * Converts between the keys of a view and the keys in its table, where each partition key begins with the generation.
 */
export interface ViewKeys {
  /** The key attributes of an item, as stored in the table. */
  toStored(generation: number, key: ViewKey): Record<string, string | number>;
  /** A whole item, as stored in the table. Partition keys of indexes are converted too. */
  toStoredItem(generation: number, item: StoredItem): Record<string, unknown>;
  /** The view's own attributes of a stored item. */
  fromStored(generation: number, stored: StoredItem): StoredItem;
  /** A query of the table or of an index, with keys as they are stored. */
  toStoredQuery(generation: number, query: TenantQuery): TenantQuery;
  /** A text that identifies the item. */
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
      // the sort key of an index may be a partition key of the table or of another index
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

/** @throws ProjectionResultError `PROJECTION_RESULT_INVALID` unless `key` is the key of an item of the view */
export function assertViewKey(projection: string, view: TableSchema, key: ViewKey): void {
  const problem = viewKeyProblem(projection, view, key);
  if (problem !== undefined) throw new ProjectionResultError(problem);
}

/** Describes why `key` is not a valid key of the view; undefined if it is valid. */
export function viewKeyProblem(
  projection: string,
  { partitionKey, sortKey }: TableSchema,
  key: unknown,
): string | undefined {
  const attributes = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  const names = attributes.map(({ name }) => name);
  const members = new Map<string, unknown>(Object.entries(Object(key)));
  const isWhole =
    typeof key === 'object' &&
    attributes.every((attribute) => isKeyValue(attribute, members.get(attribute.name))) &&
    [...members.keys()].every((name) => names.includes(name));
  if (isWhole) return undefined;
  const wanted = attributes.map(({ name, type }) => `'${name}' (${type === 'S' ? 'non-empty string' : 'number'})`);
  return `a key of '${projection}' must have ${wanted.join(' and ')} and no other members, got ${shownKey(key, members)}`;
}

const MAX_SHOWN = 5;

function shownKey(key: unknown, members: ReadonlyMap<string, unknown>): string {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return shown(key);
  const all = [...members].slice(0, MAX_SHOWN).map(([name, value]) => `${name}: ${shown(value)}`);
  return all.length === 0 ? '{}' : `{ ${all.join(', ')}${members.size > MAX_SHOWN ? ', …' : ''} }`;
}

const isKeyValue = ({ type }: TableAttribute, value: unknown): boolean =>
  type === 'S' ? typeof value === 'string' && value !== '' : Number.isFinite(value);
