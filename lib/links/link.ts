import type { EventReference } from '../definitions/index.ts';
import type { EntityRef } from './entity.ts';

/**
 * `reference`: the source refers to the target. If the link is deleted, nothing follows.
 * `cascade`: if the link is deleted, an event notifies the target's module.
 * `aggregate_root`: as `cascade`; the target is a part of the aggregate whose root is the source. A part has one root at
 * most.
 */
export const LINK_TYPES = ['reference', 'cascade', 'aggregate_root'] as const;

export type LinkType = (typeof LINK_TYPES)[number];

/** The types whose deletion notifies the target's module. */
export type CascadingLinkType = Exclude<LinkType, 'reference'>;

/** Identifies a link: from a source to a target there is one link of each type at most. */
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

/** A link as it is found. Times are RFC 3339, in UTC with milliseconds. */
export interface Link extends LinkIdentity {
  readonly metadata: LinkMetadata;
  /** Undefined if a release wrote the link that did not store it. */
  readonly createdAt: string | undefined;
  /** The event that caused the creation; undefined if no event did, or if `createdAt` is undefined. */
  readonly createdBy: EventReference | undefined;
  /**
   * When the metadata was last changed; undefined if it was never changed, or if the release that changed it did not
   * store it.
   */
  readonly changedAt: string | undefined;
  /**
   * The event that caused the last change of the metadata; undefined if no event did, or if `changedAt` is undefined.
   */
  readonly changedBy: EventReference | undefined;
}

export interface NewLink extends LinkIdentity {
  /** @default {} */
  readonly metadata?: LinkMetadata;
}

export const isCascading = (type: LinkType): type is CascadingLinkType => type !== 'reference';

export const isLinkType = (type: unknown): type is LinkType => LINK_TYPES.some((known) => known === type);
