import type { TableSchema } from '../contracts/index.ts';
import type { ViewKey } from './projection.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The same shard for the same group, always: FNV-1a. */
export function shardOf(group: string, shards: number): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(group)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % shards;
}

/** The key of one shard of an item: its sort key ends with the shard's number. */
export function toShard({ sortKey }: TableSchema, key: ViewKey, shard: number, shards: number): ViewKey {
  return shards === 1 || sortKey === undefined ? key : { ...key, [sortKey.name]: `${key[sortKey.name]}#${shard}` };
}

/** The sort key of the item that a shard is a part of. */
export const withoutShard = (sortKey: string, shards: number): string =>
  shards === 1 ? sortKey : sortKey.slice(0, sortKey.lastIndexOf('#'));
