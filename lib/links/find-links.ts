import { shown } from '../contracts/index.ts';
import type { Page, TenantQuery, TenantTableReader } from '../tenancy/index.ts';
import { type EntityRef, entityKey, isSameEntity } from './entity.ts';
import { LinkInvalidError } from './errors.ts';
import { isLinkType, LINK_TYPES, type Link, type LinkIdentity, type LinkType } from './link.ts';
import { type LinkItem, linkKey, TYPE_SHARDS, typeShard } from './link-item.ts';
import { assertEntity, assertLink } from './link-rules.ts';
import { type PageRequest, pageThrough } from './page-through.ts';
import { LINK_INDEX } from './table.ts';

export interface LinkPageRequest extends PageRequest {
  /** Links of this type only. @default - of all types */
  readonly type?: LinkType;
}

/**
 * Finds the links of the tenant at work. Pages come in a fixed order (by type, then by the other end), each link once.
 * What starts at a source is read with every committed write in it; indexes, from which the rest comes, follow within
 * moments.
 */
export interface LinkFinder {
  get(link: LinkIdentity): Promise<Link | undefined>;
  findBySource(source: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  findByTarget(target: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  /** Both ways: the links from the entity, then those to it. */
  findByEntity(entity: EntityRef, request?: LinkPageRequest): Promise<Page<Link>>;
  findByType(type: LinkType, request?: PageRequest): Promise<Page<Link>>;
  /** All links between two entities, whichever is the source: six at most. */
  findBetween(a: EntityRef, b: EntityRef): Promise<readonly Link[]>;
}

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
