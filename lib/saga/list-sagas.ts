import { SAGA_STATUS_SHARDS, SAGAS_INDEX, shown } from '../contracts/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/index.ts';
import { SagaListError } from './errors.ts';
import { SAGA_STATUSES, type SagaStatus } from './machine/saga-state.ts';
import { type SagaItem, type SagaListing, statusShard } from './saga-record.ts';

/** Where a page ended: the same in every shard, whatever their number, so that what changes meanwhile moves nothing. */
interface Place {
  readonly startedAt: string;
  readonly sagaId: string;
}

interface ListPage {
  readonly limit?: number;
  readonly after?: string;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** The instances of one status, of all shards and of the index that older code has filled, longest-running first. */
export async function listSagas(
  table: Pick<TenantTableReader<SagaItem>, 'query'>,
  status: SagaStatus,
  { limit = DEFAULT_LIMIT, after }: ListPage,
): Promise<Page<SagaListing>> {
  if (!SAGA_STATUSES.some((known) => known === status)) {
    throw new SagaListError(`status must be one of '${SAGA_STATUSES.join("', '")}', got ${shown(status)}`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new SagaListError(`limit must be a whole number of instances from 1 to ${MAX_LIMIT}, got ${shown(limit)}`);
  }
  const place = after === undefined ? undefined : readPlace(after, status);
  const shards = Array.from({ length: SAGA_STATUS_SHARDS }, (_, shard) => ({
    indexName: SAGAS_INDEX.byStatusShard,
    partition: statusShard(status, shard),
  }));
  const sources = [...shards, { indexName: SAGAS_INDEX.byStatus, partition: status }];
  const found = await Promise.all(sources.map((source) => firstBehind(table, source, place, limit)));
  // an instance whose status is written anew may be seen in the old index and in its shard for a moment
  const byId = new Map(found.flat().map((listing) => [listing.sagaId, listing]));
  const inOrder = [...byId.values()].toSorted(compare);
  const items = inOrder.slice(0, limit);
  const last = inOrder.length > limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? undefined : writePlace(status, last) };
}

/** The first so many listings of a partition behind the place, and one more at least where more follow. */
async function firstBehind(
  table: Pick<TenantTableReader<SagaItem>, 'query'>,
  source: Pick<TenantQuery, 'indexName' | 'partition'>,
  place: Place | undefined,
  limit: number,
): Promise<readonly SagaListing[]> {
  const listings: SagaListing[] = [];
  let after: string | undefined;
  do {
    const page = await table.query({ ...source, limit, sortFrom: place?.startedAt, after });
    const read = page.items.flatMap((item) => (item.kind === 'listing' ? [item.listing] : []));
    listings.push(...read.filter((listing) => place === undefined || compare(listing, place) > 0));
    after = page.next;
    // an index has no order among those that began at the same instant: the first of them are known when all are read
  } while (
    after !== undefined &&
    (listings.length < limit || listings[limit - 1]?.startedAt === listings.at(-1)?.startedAt)
  );
  return listings;
}

const compare = (a: Place, b: Place): number =>
  a.startedAt === b.startedAt ? order(a.sagaId, b.sagaId) : order(a.startedAt, b.startedAt);

const order = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

const writePlace = (status: SagaStatus, { startedAt, sagaId }: Place): string =>
  Buffer.from(JSON.stringify([status, startedAt, sagaId])).toString('base64url');

/** Takes the pages of code from before the shards as well: a table's token, which holds the last item's key. */
function readPlace(after: string, status: SagaStatus): Place {
  const content = parse(after);
  const [first, second, third] = Array.isArray(content) ? (content as readonly unknown[]) : [];
  const key = Object(second) as Readonly<Record<string, { readonly S?: unknown } | undefined>>;
  const [listed, startedAt, sagaId] =
    typeof second === 'object'
      ? [key['listedStatus']?.S, key['startedAt']?.S, key['sagaId']?.S]
      : [first, second, third];
  if (listed === status && typeof startedAt === 'string' && startedAt !== '' && typeof sagaId === 'string') {
    return { startedAt, sagaId };
  }
  throw new SagaListError(
    `'after' must be 'next' of the page before, of the same status, got ${shown(after)}: leave it out for the first page`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
