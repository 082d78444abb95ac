import { hasCode, shown } from '../definitions/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/index.ts';
import { type EntityRef, entityKey, isSameEntity } from './entity.ts';
import { LinkCursorError, LinkInvalidError } from './errors.ts';
import { isLinkType, LINK_TYPES, type Link, type LinkIdentity, type LinkType } from './link.ts';
import { type LinkItem, linkKey, TYPE_SHARDS, typeShard } from './link-item.ts';
import { assertEntity, assertLink } from './link-rules.ts';
import { LINK_INDEX } from './table.ts';

export interface PageRequest {
  /** Links per page, from 1 to 1000. @default 100 */
  readonly limit?: number;
  /** `next` of the page before: opaque, and valid for the same query and tenant only. @default - the first page */
  readonly after?: string;
}

export interface LinkPageRequest extends PageRequest {
  /** Links of this type only. @default - of all types */
  readonly type?: LinkType;
}

/**
 * Finds the links of the current tenant. Pages have a fixed order (by type, then by the other end) and contain each link
 * once. `get`, `findBetween` and links from a source are read consistently; the others are read from an index, which may
 * lag behind the table by a moment.
 */
export interface LinkFinder {
  get(link: LinkIdentity): Promise<Link | undefined>;
  findBySource(source: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  findByTarget(target: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  /** The links from the entity, then the links to it. */
  findByEntity(entity: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  findByType(type: LinkType, request?: PageRequest): Promise<Page<Link>>;
  /** All links between two entities, in both directions: six at most. */
  findBetween(a: EntityRef, b: EntityRef): Promise<readonly Link[]>;
}

const DEFAULT_LIMIT = 100;

export function createLinkFinder({ table }: { readonly table: TenantTableReader<LinkItem> }): LinkFinder {
  const get = async (link: LinkIdentity): Promise<Link | undefined> => {
    assertLink(link);
    return linkOf(await table.get(linkKey(link)));
  };

  const query = async (request: TenantQuery): Promise<Page<Link>> => {
    const { items, next } = await table.query(request);
    return { items: items.map(linkOf).filter((link) => link !== undefined), next };
  };

  const from = (source: EntityRef, type: LinkType | undefined) => ({
    partition: entityKey(source),
    ...(type === undefined ? {} : { sortBeginsWith: `${type}/` }),
  });
  const to = (target: EntityRef, type: LinkType | undefined) => ({
    indexName: LINK_INDEX.byTarget,
    ...from(target, type),
  });
  const nameOf = (find: string, entity: EntityRef, type: LinkType | undefined) =>
    `${find} ${entityKey(entity)} ${type ?? ''}`;

  return {
    get,

    async findBySource(source, { type, ...page } = {}) {
      assertAsked('source', source, type);
      return pageThrough(nameOf('source', source, type), [from(source, type)], page, query);
    },

    async findByTarget(target, { type, ...page } = {}) {
      assertAsked('target', target, type);
      return pageThrough(nameOf('target', target, type), [to(target, type)], page, query);
    },

    async findByEntity(entity, { type, ...page } = {}) {
      assertAsked('entity', entity, type);
      return pageThrough(nameOf('entity', entity, type), [from(entity, type), to(entity, type)], page, query);
    },

    async findByType(type, page = {}) {
      assertType(type);
      const shards = Array.from({ length: TYPE_SHARDS }, (_, shard) => ({
        indexName: LINK_INDEX.byType,
        partition: typeShard(type, shard),
      }));
      return pageThrough(`type ${type}`, shards, page, query);
    },

    async findBetween(a, b) {
      assertEntity('a', a);
      assertEntity('b', b);
      if (isSameEntity(a, b)) return [];
      const pairs = LINK_TYPES.flatMap((type): LinkIdentity[] => [
        { source: a, target: b, type },
        { source: b, target: a, type },
      ]);
      return (await Promise.all(pairs.map(get))).filter((link) => link !== undefined);
    },
  };
}

const linkOf = (item: LinkItem | undefined): Link | undefined => (item?.kind === 'link' ? item.link : undefined);

function assertAsked(path: string, entity: EntityRef, type: LinkType | undefined): void {
  assertEntity(path, entity);
  if (type !== undefined) assertType(type);
}

function assertType(type: LinkType): void {
  if (isLinkType(type)) return;
  throw new LinkInvalidError([`type must be '${LINK_TYPES.join("', '")}', got ${shown(type)}`]);
}

/** A partition that is read. */
type Stage = Pick<TenantQuery, 'indexName' | 'partition' | 'sortBeginsWith'>;

/**
 * One page of several partitions, which are read one after another as if they were one.
 * @param name identifies the query, so that the cursor of another query is refused
 * @throws LinkCursorError `LINK_CURSOR_INVALID`
 */
async function pageThrough<Item>(
  name: string,
  stages: readonly Stage[],
  { limit = DEFAULT_LIMIT, after: cursor }: PageRequest,
  query: (query: TenantQuery) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const start = cursor === undefined ? { stage: 0, after: undefined } : readCursor(cursor, name, stages.length);
  const items: Item[] = [];
  let { after } = start;
  for (const [index, stage] of stages.entries()) {
    if (index < start.stage) continue;
    const page = await orRefuse(cursor, () =>
      query({ ...stage, limit: limit - items.length, ...(after === undefined ? {} : { after }) }),
    );
    items.push(...page.items);
    if (page.next !== undefined) return { items, next: writeCursor(name, index, page.next) };
    after = undefined;
    const isLast = index === stages.length - 1;
    if (items.length >= limit) return { items, next: isLast ? undefined : writeCursor(name, index + 1) };
  }
  return { items, next: undefined };
}

/** The table refuses the token of a forged cursor, or of another tenant's cursor. */
async function orRefuse<Value>(cursor: string | undefined, query: () => Promise<Value>): Promise<Value> {
  try {
    return await query();
  } catch (error) {
    if (cursor === undefined || !hasCode(error, 'TENANT_PAGE_INVALID')) throw error;
    throw new LinkCursorError(cursor, { cause: error });
  }
}

const writeCursor = (name: string, stage: number, after?: string): string =>
  Buffer.from(JSON.stringify(after === undefined ? [name, stage] : [name, stage, after])).toString('base64url');

function readCursor(cursor: string, name: string, stages: number): { stage: number; after: string | undefined } {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new LinkCursorError(cursor);
  }
  const [named, stage, after] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  const isAfter = after === undefined || typeof after === 'string';
  if (named !== name || typeof stage !== 'number' || !(stage in Array(stages).fill(0)) || !isAfter) {
    throw new LinkCursorError(cursor);
  }
  return { stage, after };
}
