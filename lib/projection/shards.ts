import type { TableSchema } from '../contracts/index.ts';
import { hashOf } from './hash-of.ts';
import type { ViewKey } from './projection.ts';
import { STORED, type StoredItem } from './stored-item.ts';

/** The same shard for the same group, always. */
export const shardOf = (group: string, shards: number): number => hashOf(group) % shards;

/** The key of one shard of an item: its sort key ends with the shard's number. @param shard undefined: it has none */
export function toShard({ sortKey }: TableSchema, key: ViewKey, shard: number | undefined): ViewKey {
  if (shard === undefined || sortKey === undefined) return key;
  return { ...key, [sortKey.name]: `${key[sortKey.name]}${endingOf(shard)}` };
}

/** The sort key of the item that a stored shard is a part of, in however many parts it was kept when that was made. */
export const withoutShard = ({ sortKey }: TableSchema, stored: StoredItem): string => {
  const place = String(stored[sortKey?.name ?? '']);
  const shard = stored[STORED.shard];
  return shard === undefined ? place : place.slice(0, -endingOf(shard).length);
};

const endingOf = (shard: unknown): string => `#${shard}`;
