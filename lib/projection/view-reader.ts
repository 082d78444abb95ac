import { shown } from '../contracts/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/ports.ts';
import { viewKeyProblem } from './assert-view-key.ts';
import { ProjectionRebuildRequiredError, ViewPageError, ViewQueryError } from './errors.ts';
import { changeSince, madeInOf, schemaOf } from './made-in.ts';
import type { Projection, ViewKey } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Generation } from './state-items.ts';
import { createViewKeys, STORED, type StoredItem, type ViewKeys } from './stored-item.ts';
import { type SumsQuery, shardsOf, sumsOf } from './sums.ts';

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

/**
 * Queries of a view: of the generation that serves, also while another one takes its place. Each throws
 * ProjectionRebuildRequiredError `PROJECTION_REBUILD_REQUIRED` where that generation cannot answer, since the view's key,
 * its table or the index that is asked for was changed after it was made.
 */
export interface ViewReader<Item> {
  /** @throws ViewQueryError `PROJECTION_QUERY_INVALID`: no key of the view; or a view of counters, whose items have shards */
  get(key: ViewKey): Promise<Viewed<Item> | undefined>;
  /**
   * A page of the table or of an index, which may be a moment behind the table.
   * @throws ViewPageError `PROJECTION_PAGE_GONE`: the view was rebuilt since the page before
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: a view of counters, or no query of the view
   */
  query(query: TenantQuery): Promise<Page<Viewed<Item>>>;
  /**
   * All of a partition of counters, each item summed up over its shards, in the order of the sort key.
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: the view has no counters, or no query of it
   * @param query keep what is read small by its beginning or its range: every item of it is
   */
  sums(query: SumsQuery): Promise<readonly Viewed<Item>[]>;
}

const SUMS_PAGE_ITEMS = 1_000;

export function createViewReader<Item>({ projection, table, state }: ViewReaderDeps<Item>): ViewReader<Item> {
  const { name, view } = projection;
  const own = madeInOf(view, table.tableName);

  const assertKind = (kind: Projection['kind'], asked: string): void => {
    if (projection.kind === kind) return;
    const instead = kind === 'items' ? 'counters, kept in shards: ask for sums' : 'single items: ask with get or query';
    throw new ViewQueryError(`${asked} is nothing to ask '${name}' for, which is a view of ${instead}`);
  };

  const assertQuery = (query: TenantQuery, members: readonly (keyof TenantQuery)[]): void => {
    const problems = [
      ...table.queryProblems(`view '${name}'`, query),
      ...partitionProblems(query?.partition),
      ...Object.keys(Object(query))
        .filter((member) => !members.some((known) => known === member))
        .map((member) => `sums has the members ${members.join(', ')}, got '${member}'`),
    ];
    if (problems.length > 0) throw new ViewQueryError(problems.join('; '));
  };

  /**
   * What has ceased to serve is deleted: an answer counts when its generation still serves after it was read.
   * @param indexName that is asked
   */
  const whileServing = async <Answer>(
    indexName: string | undefined,
    read: (made: MadeGeneration) => Promise<Answer>,
  ): Promise<Answer> => {
    for (let { serving } = await state.control(); ; ) {
      const change = changeSince(serving, own, indexName);
      if (change !== undefined) throw new ProjectionRebuildRequiredError(name, serving.generation, change);
      const answer = await read(asMade(serving));
      const { serving: after } = await state.control();
      if (after.generation === serving.generation) return answer;
      serving = after;
    }
  };

  const asMade = ({ generation, madeIn }: Generation): MadeGeneration => {
    const schema = schemaOf(view, { madeIn });
    return {
      generation,
      keys: createViewKeys(schema),
      table: table.withSchema(schema),
    };
  };

  const show = ({ generation, keys }: MadeGeneration, stored: StoredItem): Viewed<Item> => ({
    item: projection.parse(keys.fromStored(generation, stored)),
    asOf: String(stored[STORED.asOf]),
  });

  return {
    async get(key) {
      assertKind('items', 'get');
      const problem = viewKeyProblem(name, view, key);
      if (problem !== undefined) throw new ViewQueryError(problem);
      return whileServing(undefined, async (made) => {
        const stored = await made.table.get(made.keys.toStored(made.generation, key));
        return stored && show(made, stored);
      });
    },

    async query(query) {
      assertKind('items', 'query');
      assertQuery(query, QUERY_MEMBERS);
      const { after, ...asked } = query;
      return whileServing(query.indexName, async (made) => {
        const { generation, keys } = made;
        const page = await made.table.query({
          ...keys.toStoredQuery(generation, asked),
          ...(after !== undefined && { after: tokenFor(after, generation) }),
        });
        return {
          items: page.items.map((stored) => show(made, stored)),
          next: page.next === undefined ? undefined : `${generation}.${page.next}`,
        };
      });
    },

    async sums(query) {
      assertKind('counters', 'sums');
      assertQuery(query, SUMS_MEMBERS);
      return whileServing(undefined, async (made) => {
        const { generation, keys } = made;
        const asked = { ...keys.toStoredQuery(generation, shardsOf(view, query)), limit: SUMS_PAGE_ITEMS };
        const stored: StoredItem[] = [];
        let after: string | undefined;
        do {
          const page = await made.table.query({ ...asked, ...(after !== undefined && { after }) });
          stored.push(...page.items);
          after = page.next;
        } while (after !== undefined);
        return sumsOf(view, stored, query).map((sum) => show(made, sum));
      });
    },
  };
}

/** A generation, and how its items stand in the table. */
interface MadeGeneration {
  readonly generation: number;
  readonly keys: ViewKeys;
  readonly table: TenantTableReader<StoredItem>;
}

const SUMS_MEMBERS = ['partition', 'sortBeginsWith', 'sortFrom', 'sortTo'] as const;

// what else there is in a query is told by queryProblems
const QUERY_MEMBERS = [...SUMS_MEMBERS, 'indexName', 'limit', 'after', 'newestFirst'] as const;

const partitionProblems = (partition: unknown): readonly string[] =>
  typeof partition === 'string' && partition !== ''
    ? []
    : [`partition must be a text that is not empty, got ${shown(partition)}`];

function tokenFor(after: string, generation: number): string {
  const isText = typeof after === 'string';
  const own = `${generation}.`;
  if (isText && after.startsWith(own)) return after.slice(own.length);
  const of = isText ? /^(\d+)\./.exec(after)?.[1] : undefined;
  throw new ViewPageError(
    of !== undefined
      ? `the view was rebuilt since the page before (generation ${of}, now ${generation}): begin again with the first page`
      : `${shown(after)} is no page's 'next': pass it as it came, or leave it out for the first page`,
  );
}
