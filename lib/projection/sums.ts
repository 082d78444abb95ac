import { ownMember, type TableSchema } from '../contracts/index.ts';
import type { TenantQuery } from '../tenancy/ports.ts';
import { exactSum } from './exact-sum.ts';
import { behindShards, withoutShard } from './shards.ts';
import { STORED, type StoredItem } from './stored-item.ts';

/** Which items of counters are asked for. */
export type SumsQuery = Pick<TenantQuery, 'partition' | 'sortBeginsWith' | 'sortFrom' | 'sortTo'>;

/** The query that finds every shard of the items that are asked for, and perhaps some of others. */
export function shardsOf({ sortKey }: TableSchema, query: SumsQuery): SumsQuery {
  if (sortKey?.type !== 'S' || query.sortTo === undefined) return query;
  return { ...query, sortTo: behindShards(String(query.sortTo)) };
}

/** The items that are asked for, each summed up over its shards, in the order of the sort key. */
export function sumsOf(
  { sortKey }: TableSchema,
  shards: readonly StoredItem[],
  query: SumsQuery,
): readonly StoredItem[] {
  // numbers have no shards, and come in their order
  if (sortKey?.type !== 'S') return shards;
  const sums = new Map<string, Record<string, unknown>>();
  for (const shard of shards) {
    const place = withoutShard(sortKey, shard);
    if (!isAskedFor(place, query)) continue;
    const sum = sums.get(place);
    const part = { ...shard, [sortKey.name]: place };
    sums.set(place, sum === undefined ? part : added(sum, part));
  }
  // what ends a shard's key may have put it in another order than its item has
  return [...sums].toSorted(([a], [b]) => compare(a, b)).map(([, sum]) => sum);
}

const isAskedFor = (place: string, { sortBeginsWith, sortFrom, sortTo }: SumsQuery): boolean =>
  (sortBeginsWith === undefined || place.startsWith(sortBeginsWith)) &&
  (sortFrom === undefined || compare(place, String(sortFrom)) >= 0) &&
  (sortTo === undefined || compare(place, String(sortTo)) <= 0);

/** As DynamoDB orders texts. */
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Numbers add up, since no key of it is one; `asOf` is the latest. What else is not the view's own, `fromStored` drops. */
function added(sum: StoredItem, shard: StoredItem): Record<string, unknown> {
  const total: Record<string, unknown> = { ...sum };
  for (const [name, value] of Object.entries(shard)) {
    if (isNumber(value)) total[name] = exactSum(value, (ownMember(sum, name) ?? 0) as number | bigint);
  }
  const [, latest] = [String(sum[STORED.asOf]), String(shard[STORED.asOf])].toSorted();
  return { ...total, [STORED.asOf]: latest };
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
