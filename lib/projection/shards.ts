import type { TableAttribute, TableSchema } from '../contracts/index.ts';
import { hashOf } from './hash-of.ts';
import type { ViewKey } from './projection.ts';
import { STORED, type StoredItem } from './stored-item.ts';

/**
 * Stands between a sort key and its shard's number. It sorts before all that a key may hold, so that shards lie in the
 * order of their keys; and no key may hold it, so that none looks like another one's shard.
 */
export const SHARD_SEPARATOR = '\u0001';

/** Stood there in items that older code has made, where a key may hold it as well. */
const OLD_SEPARATOR = '#';

/** What older code's shards end with; the numbers go to 99. */
const OLD_ENDING = /#\d{1,2}$/;

/** The same shard for the same group, always. */
const shardOf = (group: string, shards: number): number => hashOf(group) % shards;

/**
 * The key of one shard of an item: its sort key ends with the shard's number.
 * @param shard undefined: items are kept whole
 */
export function toShard({ sortKey }: TableSchema, key: ViewKey, shard: number | undefined): ViewKey {
  if (shard === undefined || sortKey === undefined) return key;
  return { ...key, [sortKey.name]: `${key[sortKey.name]}${SHARD_SEPARATOR}${shard}` };
}

/**
 * Which shard of the item a group adds to.
 * @returns undefined: the item is kept whole
 */
export function shardFor({ sortKey }: TableSchema, key: ViewKey, group: string, shards: number): number | undefined {
  if (shards > 1) return shardOf(group, shards);
  // kept whole, its key could be that of a shard that older code has made of another item
  return sortKey?.type === 'S' && OLD_ENDING.test(String(key[sortKey.name])) ? 0 : undefined;
}

/** The sort key of the item that a stored shard is a part of, in however many parts it was kept when that was made. */
export const withoutShard = (sortKey: TableAttribute, stored: StoredItem): string => {
  const place = String(stored[sortKey.name]);
  const shard = stored[STORED.shard];
  const ending = [SHARD_SEPARATOR, OLD_SEPARATOR].map((separator) => `${separator}${shard}`);
  const found = shard === undefined ? undefined : ending.find((each) => place.endsWith(each));
  return found === undefined ? place : place.slice(0, -found.length);
};

/** Behind every shard of the item with this sort key, of this code's and of older code's making. */
export const behindShards = (place: string): string => `${place}${OLD_SEPARATOR}99`;
