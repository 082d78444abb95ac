import { shown } from './entity.ts';
import { LinkInvalidError } from './errors.ts';

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

/** Far from the 1,000 levels that the bus takes of an event. */
const MAX_DEPTH = 50;

/**
 * The metadata as text, its members in the order of their names: equal metadata has equal text.
 * @throws LinkInvalidError `LINK_INVALID` for what is no JSON object, or too large
 */
export function metadataText(metadata: LinkMetadata): string {
  const problem = Array.isArray(metadata)
    ? 'metadata must be a JSON object, got an array'
    : (objectProblem(metadata) ?? jsonProblem('metadata', metadata, 0));
  if (problem !== undefined) throw new LinkInvalidError([problem]);
  const text = JSON.stringify(metadata, (_, value: unknown) => inOrder(value));
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > METADATA_MAX_BYTES) {
    throw new LinkInvalidError([
      `metadata must take at most ${METADATA_MAX_BYTES} bytes as JSON, got ${bytes}: keep large content with the entities`,
    ]);
  }
  return text;
}

const objectProblem = (metadata: unknown): string | undefined =>
  typeof metadata === 'object' && metadata !== null
    ? undefined
    : `metadata must be a JSON object, got ${shown(metadata)}`;

/** What JSON would change on the way, as a Date or NaN, is refused: whoever reads it is to get what was given. */
function jsonProblem(path: string, value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
  // as in the rest of an item, a member that is undefined is left out
  if (value === undefined && depth > 0) return;
  if (depth === MAX_DEPTH)
    return `${path.slice(0, 100)}… is more than ${MAX_DEPTH} levels deep, which metadata may not be`;
  if (!isPlain(value)) return `${path} must be a JSON value, got ${shown(value)}`;
  for (const [name, member] of Object.entries(value)) {
    const problem = jsonProblem(`${path}.${name}`, member, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value)));

const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
