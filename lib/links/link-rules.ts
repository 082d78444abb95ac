import { shown } from '../contracts/index.ts';
import { type EntityRef, entityKey, entityProblems, isSameEntity } from './entity.ts';
import { LinkInvalidError } from './errors.ts';
import { isLinkType, LINK_TYPES, type LinkIdentity } from './link.ts';

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
