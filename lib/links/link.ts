import type { EntityRef } from './entity.ts';

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

/** What makes a link: there is one at most from a source to a target of each type. */
export interface LinkIdentity {
  readonly source: EntityRef;
  readonly target: EntityRef;
  readonly type: LinkType;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A JSON object of at most `METADATA_MAX_BYTES` bytes as text. */
export type LinkMetadata = { readonly [name: string]: JsonValue };

export interface Link extends LinkIdentity {
  readonly metadata: LinkMetadata;
}

export interface NewLink extends LinkIdentity {
  /** @default {} */
  readonly metadata?: LinkMetadata;
}

export const isCascading = (type: LinkType): type is CascadingLinkType => type !== 'reference';

export const isLinkType = (type: unknown): type is LinkType => LINK_TYPES.some((known) => known === type);
