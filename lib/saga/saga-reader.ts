import { SAGA_STATUS_SHARDS, SAGAS_INDEX, shown } from '../definitions/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/index.ts';
import { SagaListError } from './errors.ts';
import { SAGA_STATUSES, type SagaStatus } from './machine/saga-state.ts';
import {
  HISTORY_PREFIX,
  type SagaHistoryEntry,
  type SagaItem,
  type SagaListing,
  type SagaRecord,
  STATE_ITEM,
  statusShard,
} from './saga-record.ts';

export interface SagaPageOptions {
  /** From 1 to 1000. @default 100 */
  readonly limit?: number;
  /** The `next` of the previous page. @default - the first page */
  readonly after?: string;
}

/** Reads the instances of a saga, of the current tenant. */
export interface SagaReader {
  /** Reads one instance; undefined if it does not exist. Strongly consistent. */
  status(sagaId: string): Promise<SagaRecord | undefined>;
  /**
   * Lists the instances in one status, oldest first. Eventually consistent. `next` remains valid for the same status
   * after instances change and after a deployment.
   * @throws SagaListError `SAGA_LIST_INVALID` if the status, the limit or the page token is not valid
   */
  list(status: SagaStatus, page?: SagaPageOptions): Promise<Page<SagaListing>>;
  /** Lists the transitions of an instance, oldest first. Strongly consistent. */
  history(sagaId: string, page?: SagaPageOptions): Promise<Page<SagaHistoryEntry>>;
}

export const createSagaReader = (table: TenantTableReader<SagaItem>): SagaReader => ({
  async status(sagaId) {
    const item = await table.get({ sagaId, item: STATE_ITEM });
    return item?.kind === 'state' ? item.record : undefined;
  },

  list: (status, page = {}) => listSagas(table, status, page),

  async history(sagaId, page = {}) {
    const { items, next } = await table.query({ ...page, partition: sagaId, sortBeginsWith: HISTORY_PREFIX });
    return { items: items.flatMap((item) => (item.kind === 'history' ? [item.entry] : [])), next };
  },
});

/**
 * The last item of a page. It is valid in every shard, so that changes between two pages do not skip or repeat items.
 */
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

/** Lists the instances of one status, oldest first, from all shards and from the index of older code. */
async function listSagas(
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
  const found = await Promise.all(sources.map((source) => firstAfter(table, source, place, limit)));
  // an instance may appear in the old index and in its shard for a moment, after its status changes
  const byId = new Map(found.flat().map((listing) => [listing.sagaId, listing]));
  const inOrder = [...byId.values()].toSorted(compare);
  const items = inOrder.slice(0, limit);
  const last = inOrder.length > limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? undefined : writePlace(status, last) };
}

/** Reads at least `limit` listings of a partition after the place, or all if there are fewer. */
async function firstAfter(
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
    // the index does not order instances that started at the same time, so read all of them
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

/** Also accepts the page tokens of older code, which contain the key of the last item. */
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
    `'after' must be the 'next' of a page of the same status, got ${shown(after)}: omit it for the first page`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
