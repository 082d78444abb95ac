import { shown } from '../definitions/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { type EntityRef, entityKey, entityProblems, isSameEntity } from './entity.ts';
import { LinkInvalidError } from './errors.ts';
import { isLinkType, LINK_TYPES, type LinkIdentity, type LinkMetadata } from './link.ts';

/** Every index holds a copy of the metadata; large content belongs to the entities. */
export const METADATA_MAX_BYTES = 2048;

/** Far below the 1,000 levels that the bus takes of an event. */
const MAX_DEPTH = 50;

/** @throws LinkInvalidError `LINK_INVALID` naming all problems */
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
 * @throws LinkInvalidError `LINK_INVALID` if it is not a JSON object, or too large
 */
export function metadataText(metadata: LinkMetadata): string {
  const problems = objectProblems(metadata);
  if (problems.length > 0) throw new LinkInvalidError(problems);
  const text = JSON.stringify(metadata, (_, value: unknown) => inOrder(value));
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > METADATA_MAX_BYTES) {
    throw new LinkInvalidError([
      `metadata must take at most ${METADATA_MAX_BYTES} bytes as JSON, got ${bytes}: keep large content with the entities`,
    ]);
  }
  return text;
}

/** Refuses values that JSON would change, such as a Date or NaN: a reader must get what the writer gave. */
function objectProblems(metadata: unknown): readonly string[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return [`metadata must be a JSON object, got ${shown(metadata)}`];
  }
  const problems = jsonProblems(metadata);
  if (problems.length > 0) {
    return problems.map(({ path, message }) => `${path === '' ? 'metadata' : `metadata.${path}`} ${message}`);
  }
  return isTooDeep(metadata)
    ? [`metadata must be ${MAX_DEPTH} levels deep at most: keep large content with the entities`]
    : [];
}

const isTooDeep = (value: unknown, depth = 0): boolean =>
  depth > MAX_DEPTH ||
  (typeof value === 'object' && value !== null && Object.values(value).some((member) => isTooDeep(member, depth + 1)));

const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
