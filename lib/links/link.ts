import { type EntityRef, entityKey, entityProblems, isSameEntity, shown } from './entity.ts';
import { LinkInvalidError } from './errors.ts';

/**
 * `reference`: the source knows of the target; nothing follows from it.
 * `cascade`: when the source goes, the target's module is told, by an event.
 * `aggregate_root`: the source is the root of the aggregate that the target is a part of. It cascades, and a part has
 * one root at most.
 */
export const LINK_TYPES = ['reference', 'cascade', 'aggregate_root'] as const;

export type LinkType = (typeof LINK_TYPES)[number];

/** What a link does when its source goes. */
export type CascadingLinkType = Exclude<LinkType, 'reference'>;

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A JSON object of at most `METADATA_MAX_BYTES` bytes as text. */
export type LinkMetadata = { readonly [name: string]: JsonValue };

/** Large content belongs to the entities; every index holds a copy of this. */
export const METADATA_MAX_BYTES = 2048;

/** What makes a link: there is one at most from a source to a target of each type. */
export interface LinkIdentity {
  readonly source: EntityRef;
  readonly target: EntityRef;
  readonly type: LinkType;
}

export interface Link extends LinkIdentity {
  readonly metadata: LinkMetadata;
}

export interface NewLink extends LinkIdentity {
  /** @default {} */
  readonly metadata?: LinkMetadata;
}

export const isCascading = (type: LinkType): type is CascadingLinkType => type !== 'reference';

export const isLinkType = (type: unknown): type is LinkType => LINK_TYPES.some((known) => known === type);

/** @throws LinkInvalidError `LINK_INVALID` naming everything that is wrong */
export function assertLink({ source, target, type }: LinkIdentity): void {
  const problems = [...entityProblems('source', source), ...entityProblems('target', target)];
  if (!isLinkType(type)) problems.push(`type must be '${LINK_TYPES.join("', '")}', got ${shown(type)}`);
  if (problems.length === 0 && isSameEntity(source, target)) {
    problems.push(`source and target must be two entities, got '${entityKey(source)}' for both`);
  }
  if (problems.length > 0) throw new LinkInvalidError(problems);
}

/** @throws LinkInvalidError `LINK_INVALID` */
export function assertEntity(path: string, entity: EntityRef): void {
  const problems = entityProblems(path, entity);
  if (problems.length > 0) throw new LinkInvalidError(problems);
}

/**
 * The metadata as text, its members in the order of their names: equal metadata has equal text.
 * @throws LinkInvalidError `LINK_INVALID` for what is no JSON object, or too large
 */
export function metadataText(metadata: LinkMetadata): string {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new LinkInvalidError([`metadata must be a JSON object, got ${shown(metadata)}`]);
  }
  const text = JSON.stringify(metadata, (_, value: unknown) => inOrder(value));
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > METADATA_MAX_BYTES) {
    throw new LinkInvalidError([
      `metadata must take at most ${METADATA_MAX_BYTES} bytes as JSON, got ${bytes}: keep large content with the entities`,
    ]);
  }
  return text;
}

const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
