import { createHash } from 'node:crypto';
import { type EventReference, isTimestamp, shown } from '../definitions/index.ts';
import type { WriteOrigin } from '../outbox/index.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { type EntityRef, entityKey, parseEntityKey } from './entity.ts';
import { LinkItemError } from './errors.ts';
import { isLinkType, type Link, type LinkIdentity, type LinkMetadata, type LinkType } from './link.ts';

/** A link as it was read. */
export interface StoredLink {
  readonly link: Link;
  /** The link's metadata as the text that is stored. */
  readonly metadata: string;
}

/** An item of the link table. */
export type LinkItem =
  | ({ readonly kind: 'link' } & StoredLink)
  /** The item's key names the part. */
  | { readonly kind: 'root'; readonly root: EntityRef };

/** When and by which event a link was written. */
export type LinkOrigin = Pick<WriteOrigin, 'at' | 'by'>;

/** A key of the table. */
export type LinkKey = { readonly source: string; readonly toTarget: string };

/** The links of one type are spread over so many partitions, because one takes 1,000 writes per second. */
export const TYPE_SHARDS = 8;

export const linkKey = ({ source, target, type }: LinkIdentity): LinkKey => ({
  source: entityKey(source),
  toTarget: `${type}/${entityKey(target)}`,
});

/** No link has this key, because no entity's key contains a space. */
export const rootKey = (part: EntityRef): LinkKey => ({ source: `root of ${entityKey(part)}`, toTarget: 'root' });

export const typeShard = (type: LinkType, shard: number): string => `${type}~${shard}`;

/**
 * The item of a new link. Beside the keys of the table and its indexes it has
 * - `metadata`: the JSON text, as `metadataText` makes it
 * - `created`: `{ at, by: { source, id, type } }`, when and by which event; without `by` if no event caused it
 * - `changed`: the same for the last change of the metadata, once there is one
 * - `format`: of the item, see `STORED_FORMAT`
 *
 * Items of earlier releases have neither `created`, `changed` nor `format`.
 */
export const toLinkItem = (link: LinkIdentity, metadata: string, created: LinkOrigin) => ({
  ...STORED_FORMAT,
  ...linkKey(link),
  target: entityKey(link.target),
  fromSource: `${link.type}/${entityKey(link.source)}`,
  typeShard: typeShard(link.type, shardOf(link.source)),
  ends: `${entityKey(link.source)} ${entityKey(link.target)}`,
  metadata,
  created,
});

/** The item that names a part's root. */
export const toRootItem = ({ source, target }: LinkIdentity) => ({
  ...STORED_FORMAT,
  ...rootKey(target),
  root: entityKey(source),
});

const shardOf = (source: EntityRef): number =>
  createHash('sha256').update(entityKey(source)).digest().readUInt8(0) % TYPE_SHARDS;

/**
 * For `createTenantTable({ …, parse: parseLinkItem })`.
 * @throws LinkItemError `LINK_ITEM_UNREADABLE`, and `STORED_FORMAT_UNKNOWN` for an item of a newer release
 */
export function parseLinkItem(item: unknown): LinkItem {
  const given = membersOf(item);
  const { source, toTarget, target, metadata, root } = given;
  assertStoredFormat(given, `link item '${String(source)}', '${String(toTarget)}'`);
  if (root !== undefined) return { kind: 'root', root: entityIn('root', root) };
  const [type] = String(toTarget).split('/', 1);
  if (!isLinkType(type)) throw new LinkItemError(`toTarget must begin with a link type, got ${shown(toTarget)}`);
  const created = originIn('created', given['created']);
  const changed = originIn('changed', given['changed']);
  return {
    kind: 'link',
    link: {
      source: entityIn('source', source),
      target: entityIn('target', target),
      type,
      metadata: metadataIn(metadata),
      createdAt: created?.at,
      createdBy: created?.by,
      changedAt: changed?.at,
      changedBy: changed?.by,
    },
    metadata: String(metadata),
  };
}

function entityIn(attribute: string, key: unknown): EntityRef {
  const entity = typeof key === 'string' ? parseEntityKey(key) : undefined;
  if (entity === undefined) throw new LinkItemError(`${attribute} must be 'module/type/id', got ${shown(key)}`);
  return entity;
}

function metadataIn(text: unknown): LinkMetadata {
  try {
    return JSON.parse(String(text)) as LinkMetadata;
  } catch {
    // without the text and the parser's error, which quotes it: metadata may be personal
    throw new LinkItemError(
      `metadata must be JSON, got ${typeof text === 'string' ? `${text.length} characters` : typeof text}`,
    );
  }
}

function originIn(attribute: string, value: unknown): LinkOrigin | undefined {
  if (value === undefined) return undefined;
  const { at, by } = membersOf(value);
  if (typeof at !== 'string' || !isTimestamp(at)) {
    throw new LinkItemError(`${attribute}.at must be a time by RFC 3339, got ${shown(at)}`);
  }
  return { at, by: by === undefined ? undefined : referenceIn(`${attribute}.by`, by) };
}

function referenceIn(path: string, value: unknown): EventReference {
  const { source, id, type } = membersOf(value);
  if (typeof source === 'string' && typeof id === 'string' && typeof type === 'string') return { source, id, type };
  throw new LinkItemError(`${path} must be { source, id, type } of an event, got ${shown(value)}`);
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' ? { ...value } : {};
