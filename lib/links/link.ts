import { shown } from '../contracts/index.ts';
import { type EntityRef, entityKey, entityProblems, isSameEntity } from './entity.ts';
import { LinkInvalidError } from './errors.ts';
import type { LinkMetadata } from './metadata.ts';

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
