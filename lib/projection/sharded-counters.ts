import { ownMember, type TableAttribute, type TableSchema } from '../definitions/index.ts';
import type { TenantQuery } from '../tenancy/ports.ts';
import { fnv1a } from './fnv1a.ts';
import type { ViewKey } from './projection.ts';
import { STORED, type StoredItem } from './view-items.ts';

/**
 * Separates a sort key from its shard's number. It sorts before every character that a key may contain, so that shards
 * sort like their keys. Keys may not contain it, so that no key looks like another key's shard.
 */
export const SHARD_SEPARATOR = '\u0001';

/** The separator in items that older code wrote. Keys may contain it too. */
const OLD_SEPARATOR = '#';

/** The end of a shard's key in items that older code wrote; numbers go up to 99. */
const OLD_ENDING = /#\d{1,2}$/;

/** A group always adds to the same shard. */
const shardOf = (group: string, shards: number): number => fnv1a(group) % shards;

/**
 * The key of one shard of an item: the shard's number is appended to the sort key.
 * @param shard undefined if items have no shards
 */
export function toShard({ sortKey }: TableSchema, key: ViewKey, shard: number | undefined): ViewKey {
  if (shard === undefined || sortKey === undefined) return key;
  return { ...key, [sortKey.name]: `${key[sortKey.name]}${SHARD_SEPARATOR}${shard}` };
}

/**
 * The shard of the item that a group adds to.
 * @returns undefined if the item has no shards
 */
export function shardFor({ sortKey }: TableSchema, key: ViewKey, group: string, shards: number): number | undefined {
  if (shards > 1) return shardOf(group, shards);
  // without a shard, the key could equal that of another item's shard which older code wrote
  return sortKey?.type === 'S' && OLD_ENDING.test(String(key[sortKey.name])) ? 0 : undefined;
}

/** The sort key of the item that a stored shard belongs to, whatever the number of shards was when it was written. */
const withoutShard = (sortKey: TableAttribute, stored: StoredItem): string => {
  const place = String(stored[sortKey.name]);
  const shard = stored[STORED.shard];
  const ending = [SHARD_SEPARATOR, OLD_SEPARATOR].map((separator) => `${separator}${shard}`);
  const found = shard === undefined ? undefined : ending.find((each) => place.endsWith(each));
  return found === undefined ? place : place.slice(0, -found.length);
};

/** A sort key that is greater than those of all shards of the item, in the current and in the older format. */
const afterShards = (place: string): string => `${place}${OLD_SEPARATOR}99`;

/** Selects counters of one partition. */
export type SumsQuery = Pick<TenantQuery, 'partition' | 'sortBeginsWith' | 'sortFrom' | 'sortTo'>;

/** Widens a query so that it finds every shard of the selected items, and perhaps shards of other items. */
export function shardsOf({ sortKey }: TableSchema, query: SumsQuery): SumsQuery {
  if (sortKey?.type !== 'S' || query.sortTo === undefined) return query;
  return { ...query, sortTo: afterShards(String(query.sortTo)) };
}

/** Sums the shards of each selected item. Items are in the order of the sort key. */
export function sumsOf(
  { sortKey }: TableSchema,
  shards: readonly StoredItem[],
  query: SumsQuery,
): readonly StoredItem[] {
  // numeric sort keys have no shards and are already in order
  if (sortKey?.type !== 'S') return shards;
  const sums = new Map<string, Record<string, unknown>>();
  for (const shard of shards) {
    const place = withoutShard(sortKey, shard);
    if (!isAskedFor(place, query)) continue;
    const sum = sums.get(place);
    const part = { ...shard, [sortKey.name]: place };
    sums.set(place, sum === undefined ? part : added(sum, part));
  }
  // shards may sort differently from their items
  return [...sums].toSorted(([a], [b]) => compare(a, b)).map(([, sum]) => sum);
}

const isAskedFor = (place: string, { sortBeginsWith, sortFrom, sortTo }: SumsQuery): boolean =>
  (sortBeginsWith === undefined || place.startsWith(sortBeginsWith)) &&
  (sortFrom === undefined || compare(place, String(sortFrom)) >= 0) &&
  (sortTo === undefined || compare(place, String(sortTo)) <= 0);

/** The order of strings in DynamoDB: by UTF-8 bytes. */
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Adds all numbers (no key is a number) and takes the latest `asOf`. `fromStored` removes the other added attributes.
 */
function added(sum: StoredItem, shard: StoredItem): Record<string, unknown> {
  const total: Record<string, unknown> = { ...sum };
  for (const [name, value] of Object.entries(shard)) {
    if (isNumber(value)) total[name] = exactSum(value, (ownMember(sum, name) ?? 0) as number | bigint);
  }
  const [, latest] = [String(sum[STORED.asOf]), String(shard[STORED.asOf])].toSorted();
  return { ...total, [STORED.asOf]: latest };
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** The exact sum of whole numbers; a BigInt if it is beyond ±2^53, like numbers that are read from an item. */
export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  const sum = BigInt(a) + BigInt(b);
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
