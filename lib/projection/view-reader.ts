import { shown } from '../definitions/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/ports.ts';
import { ProjectionRebuildRequiredError, ViewPageError, ViewQueryError } from './errors.ts';
import { changeSince, generationSchemaOf, schemaOf } from './generation-schema.ts';
import type { Projection, ViewKey } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import { type SumsQuery, shardsOf, sumsOf } from './sharded-counters.ts';
import type { Generation } from './state-items.ts';
import { createViewKeys, STORED, type StoredItem, type ViewKeys, viewKeyProblem } from './view-items.ts';

export interface ViewReaderDeps<Item> {
  readonly projection: Projection<Item>;
  readonly table: TenantTableReader<StoredItem>;
  readonly state: Pick<ProjectionState, 'control'>;
}

/** An item of a view, with the time of its last change. */
export interface Viewed<Item> {
  readonly item: Item;
  /**
   * `time` of the event that changed the item last. For counters it may be earlier than the time of another included
   * event, because groups add in any order, especially during a rebuild.
   */
  readonly asOf: string;
}

/**
 * Queries the serving generation of a view, also while a rebuild switches to another one. Each method throws
 * ProjectionRebuildRequiredError `PROJECTION_REBUILD_REQUIRED` if that generation cannot answer, because the view's
 * key, its table or the queried index changed after it was built.
 */
export interface ViewReader<Item> {
  /**
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: the key is not valid, or the view has counters
   */
  get(key: ViewKey): Promise<Viewed<Item> | undefined>;
  /**
   * Reads one page of the table or of an index. Indexes are eventually consistent.
   * @throws ViewPageError `PROJECTION_PAGE_GONE`: the view was rebuilt since the previous page, or `after` is not a
   * page token
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: the query is not valid, or the view has counters
   */
  query(query: TenantQuery): Promise<Page<Viewed<Item>>>;
  /**
   * Reads all selected counters of a partition, each summed over its shards, in the order of the sort key.
   * @throws ViewQueryError `PROJECTION_QUERY_INVALID`: the query is not valid, or the view has no counters
   * @param query every matching item is read: use `sortBeginsWith` or a range to limit their number
   */
  sums(query: SumsQuery): Promise<readonly Viewed<Item>[]>;
}

const SUMS_PAGE_ITEMS = 1_000;

export function createViewReader<Item>({ projection, table, state }: ViewReaderDeps<Item>): ViewReader<Item> {
  const { name, view } = projection;
  const own = generationSchemaOf(view, table.tableName);

  const assertKind = (kind: Projection['kind'], asked: string): void => {
    if (projection.kind === kind) return;
    const instead = kind === 'items' ? 'counters: use sums' : 'items: use get or query';
    throw new ViewQueryError(`${asked} cannot be used with '${name}', which is a view of ${instead}`);
  };

  const assertQuery = (query: TenantQuery, members: readonly (keyof TenantQuery)[]): void => {
    const problems = [
      ...table.queryProblems(`view '${name}'`, query),
      ...partitionProblems(query?.partition),
      ...Object.keys(Object(query))
        .filter((member) => !members.some((known) => known === member))
        .map((member) => `sums accepts only ${members.join(', ')}, got '${member}'`),
    ];
    if (problems.length > 0) throw new ViewQueryError(problems.join('; '));
  };

  /**
   * Repeats the read if the serving generation changed meanwhile, because the items of the old one are deleted.
   * @param indexName the queried index; undefined for the table
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

/** A generation, with the keys and the table of its stored items. */
interface MadeGeneration {
  readonly generation: number;
  readonly keys: ViewKeys;
  readonly table: TenantTableReader<StoredItem>;
}

const SUMS_MEMBERS = ['partition', 'sortBeginsWith', 'sortFrom', 'sortTo'] as const;

// queryProblems reports unknown members
const QUERY_MEMBERS = [...SUMS_MEMBERS, 'indexName', 'limit', 'after', 'newestFirst'] as const;

const partitionProblems = (partition: unknown): readonly string[] =>
  typeof partition === 'string' && partition !== ''
    ? []
    : [`partition must be a non-empty string, got ${shown(partition)}`];

function tokenFor(after: string, generation: number): string {
  const isText = typeof after === 'string';
  const own = `${generation}.`;
  if (isText && after.startsWith(own)) return after.slice(own.length);
  const of = isText ? /^(\d+)\./.exec(after)?.[1] : undefined;
  throw new ViewPageError(
    of !== undefined
      ? `the view was rebuilt since the previous page (generation ${of}, now ${generation}): start again with the first page`
      : `${shown(after)} is not the 'next' of a page: pass 'next' unchanged, or omit it for the first page`,
  );
}
