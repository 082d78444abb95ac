import { createHash } from 'node:crypto';
import { type EntityRef, entityKey, parseEntityKey } from './entity.ts';
import { LinkItemError } from './errors.ts';
import { isLinkType, type Link, type LinkIdentity, type LinkMetadata, type LinkType } from './link.ts';

/** A link as it was read. */
export interface StoredLink {
  readonly link: Link;
  /** Its metadata, as the table holds it. */
  readonly metadata: string;
}

/** What an item of the link table stands for. */
export type LinkItem =
  | ({ readonly kind: 'link' } & StoredLink)
  /** The item's key names the part. */
  | { readonly kind: 'root'; readonly root: EntityRef };

/** A key of the table. */
export type LinkKey = { readonly source: string; readonly toTarget: string };

/** Partitions that the links of one type are spread over, since one takes 1,000 writes per second. */
export const TYPE_SHARDS = 8;

export const linkKey = ({ source, target, type }: LinkIdentity): LinkKey => ({
  source: entityKey(source),
  toTarget: `${type}/${entityKey(target)}`,
});

/** No entity's key holds a space, so no link is stored there. */
export const rootKey = (part: EntityRef): LinkKey => ({ source: `root of ${entityKey(part)}`, toTarget: 'root' });

export const typeShard = (type: LinkType, shard: number): string => `${type}~${shard}`;

/** @param metadata as `metadataText` makes it */
export const toLinkItem = (link: LinkIdentity, metadata: string) => ({
  ...linkKey(link),
  target: entityKey(link.target),
  fromSource: `${link.type}/${entityKey(link.source)}`,
  typeShard: typeShard(link.type, shardOf(link.source)),
  ends: `${entityKey(link.source)} ${entityKey(link.target)}`,
  metadata,
});

const shardOf = (source: EntityRef): number =>
  createHash('sha256').update(entityKey(source)).digest().readUInt8(0) % TYPE_SHARDS;

/**
 * For `createTenantTable({ …, parse: parseLinkItem })`.
 * @throws LinkItemError `LINK_ITEM_UNREADABLE`
 */
export function parseLinkItem(item: unknown): LinkItem {
  const { source, toTarget, target, metadata, root } = Object(item) as Record<string, unknown>;
  if (root !== undefined) return { kind: 'root', root: entityIn('root', root) };
  const [type] = String(toTarget).split('/', 1);
  if (!isLinkType(type)) throw new LinkItemError(`toTarget begins with no link type: '${String(toTarget)}'`);
  return {
    kind: 'link',
    link: {
      source: entityIn('source', source),
      target: entityIn('target', target),
      type,
      metadata: metadataIn(metadata),
    },
    metadata: String(metadata),
  };
}

function entityIn(attribute: string, key: unknown): EntityRef {
  const entity = typeof key === 'string' ? parseEntityKey(key) : undefined;
  if (entity === undefined) throw new LinkItemError(`${attribute} is no entity: '${String(key)}'`);
  return entity;
}

function metadataIn(text: unknown): LinkMetadata {
  try {
    return JSON.parse(String(text)) as LinkMetadata;
  } catch {
    // neither the text nor the parser's own error, which quotes it: metadata may be personal
    throw new LinkItemError(
      `metadata is no JSON: got ${typeof text === 'string' ? `${text.length} characters` : typeof text}`,
    );
  }
}
