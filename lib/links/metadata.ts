import { shown } from '../contracts/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { LinkInvalidError } from './errors.ts';
import type { LinkMetadata } from './link.ts';

/** Large content belongs to the entities; every index holds a copy of this. */
export const METADATA_MAX_BYTES = 2048;

/** Far from the 1,000 levels that the bus takes of an event. */
const MAX_DEPTH = 50;

/**
 * The metadata as text, its members in the order of their names: equal metadata has equal text.
 * @throws LinkInvalidError `LINK_INVALID` for what is no JSON object, or too large
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

/** What JSON would change on the way, as a Date or NaN, is refused: whoever reads it is to get what was given. */
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
