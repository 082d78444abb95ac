import type { TableSchema } from '../contracts/index.ts';
import type { ViewKey } from './projection.ts';
import { STORED, type StoredItem } from './stored-item.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The same shard for the same group, always: FNV-1a. */
export function shardOf(group: string, shards: number): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(group)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % shards;
}

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
