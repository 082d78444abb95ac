import type { Page, TenantQuery, TenantTableReader } from '../tenancy/ports.ts';
import { ViewPageError, ViewQueryError } from './errors.ts';
import type { Projection, ViewKey } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import { withoutShard } from './shards.ts';
import { createViewKeys, STORED, type StoredItem } from './stored-item.ts';

export interface ViewReaderDeps<Item> {
  readonly projection: Projection<Item>;
  readonly table: TenantTableReader<StoredItem>;
  readonly state: Pick<ProjectionState, 'control'>;
}

/** An item of a view, and how fresh it is. */
export interface Viewed<Item> {
  readonly item: Item;
  /**
   * `time` of the event that changed the item last. Of counters, which groups add to in any order, it may be earlier than
   * that of another event that is in them, after a rebuild above all.
   */
  readonly asOf: string;
}

/** Queries of a view: of the generation that serves, also while another one takes its place. */
export interface ViewReader<Item> {
  /** @throws ViewQueryError `PROJECTION_QUERY_INVALID`: it is a view of counters, whose items have shards */
  get(key: ViewKey): Promise<Viewed<Item> | undefined>;
  /**
   * A page of the table or of an index, which may be a moment behind the table.
   * @throws ViewPageError `PROJECTION_PAGE_GONE`: the view was rebuilt since the page before
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: as `get`
   */
  query(query: TenantQuery): Promise<Page<Viewed<Item>>>;
  /**
   * All of a partition of counters, each item summed up over its shards, in the order of the sort key.
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: the view has no counters
   * @param query.sortBeginsWith keep what is read small: every item of it is
   */
  sums(query: Pick<TenantQuery, 'partition' | 'sortBeginsWith'>): Promise<readonly Viewed<Item>[]>;
}

const SUMS_PAGE_ITEMS = 1_000;

export function createViewReader<Item>({ projection, table, state }: ViewReaderDeps<Item>): ViewReader<Item> {
  const { view } = projection;
  const keys = createViewKeys(view);

  const assertKind = (kind: Projection['kind'], asked: string): void => {
    if (projection.kind === kind) return;
    const instead = kind === 'items' ? 'counters, kept in shards: ask for sums' : 'single items: ask with get or query';
    throw new ViewQueryError(`${asked} is nothing to ask '${projection.name}' for, which is a view of ${instead}`);
  };

  /** What has ceased to serve is deleted: an answer counts when its generation still serves after it was read. */
  const whileServing = async <Answer>(read: (generation: number) => Promise<Answer>): Promise<Answer> => {
    for (let { serving } = await state.control(); ; ) {
      const answer = await read(serving.generation);
      const { serving: after } = await state.control();
      if (after.generation === serving.generation) return answer;
      serving = after;
    }
  };

  const show = (generation: number, stored: StoredItem): Viewed<Item> => ({
    item: projection.parse(keys.fromStored(generation, stored)),
    asOf: String(stored[STORED.asOf]),
  });

  const pageOf = (generation: number, { partition, ...query }: TenantQuery) =>
    table.query({ ...query, partition: keys.partition(generation, partition) });

  const sumUp = (stored: readonly StoredItem[]): readonly StoredItem[] => {
    const { sortKey } = view;
    const sums = new Map<string, Record<string, unknown>>();
    for (const shard of stored) {
      const place = withoutShard(view, shard);
      const sum = sums.get(place);
      const part = sortKey === undefined ? shard : { ...shard, [sortKey.name]: place };
      sums.set(place, sum === undefined ? part : added(sum, part));
    }
    const inOrder = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    // the shard's number at the end of the key may have put them in another order
    return sortKey?.type === 'S' ? inOrder : [...sums.values()];
  };

  return {
    async get(key) {
      assertKind('items', 'get');
      return whileServing(async (generation) => {
        const stored = await table.get(keys.toStored(generation, key));
        return stored && show(generation, stored);
      });
    },

    async query({ after, ...query }) {
      assertKind('items', 'query');
      return whileServing(async (generation) => {
        const page = await pageOf(generation, {
          ...query,
          ...(after !== undefined && { after: tokenFor(after, generation) }),
        });
        return {
          items: page.items.map((stored) => show(generation, stored)),
          next: page.next === undefined ? undefined : `${generation}.${page.next}`,
        };
      });
    },

    async sums(query) {
      assertKind('counters', 'sums');
      return whileServing(async (generation) => {
        const stored: StoredItem[] = [];
        let after: string | undefined;
        do {
          const page = await pageOf(generation, {
            ...query,
            limit: SUMS_PAGE_ITEMS,
            ...(after !== undefined && { after }),
          });
          stored.push(...page.items);
          after = page.next;
        } while (after !== undefined);
        return sumUp(stored).map((sum) => show(generation, sum));
      });
    },
  };
}

/** Numbers that are no keys add up; `asOf` is the latest. */
function added(sum: StoredItem, shard: StoredItem): Record<string, unknown> {
  const total: Record<string, unknown> = { ...sum };
  for (const [name, value] of Object.entries(shard)) {
    if (name === STORED.generation || name === STORED.shard) continue;
    if (typeof value === 'number') total[name] = value + Number(sum[name] ?? 0);
  }
  const times = [String(sum[STORED.asOf]), String(shard[STORED.asOf])];
  return { ...total, [STORED.asOf]: times.toSorted().at(-1) };
}

function tokenFor(after: string, generation: number): string {
  const [of = '', ...token] = after.split('.');
  if (of === String(generation)) return token.join('.');
  throw new ViewPageError(
    /^\d+$/.test(of)
      ? `the view was rebuilt since the page before (generation ${of}, now ${generation}): begin again with the first page`
      : `'${after.slice(0, 40)}' is no page's 'next': pass it as it came, or leave it out for the first page`,
  );
}
