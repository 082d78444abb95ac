import type { StandardSchemaV1 } from '@standard-schema/spec';

/** An invalid value and its path, such as `total.minorUnits`. An empty path is the value itself. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
}

/** Maximum number of violations in a message. */
export const MOST_VIOLATIONS_TOLD = 10;

/** The first violations in one line, and the number of further ones. */
export function describeViolations(violations: readonly SchemaViolation[]): string {
  const more = violations.length - MOST_VIOLATIONS_TOLD;
  return violations
    .slice(0, MOST_VIOLATIONS_TOLD)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .concat(more > 0 ? [`and ${more} more`] : [])
    .join('; ');
}

/**
 * A schema's issues in one line.
 * @param whole name of the whole value, such as `command`
 */
export const issuesText = (issues: readonly StandardSchemaV1.Issue[], whole: string): string =>
  issues.map(({ path = [], message }) => `${pathText(path.map(keyOf)) || whole}: ${message}`).join('; ');

/**
 * A schema's issues without values. Libraries repeat the input (`received "jane@example.com"`), and the texts are
 * stored in messages, logs and failure notes.
 */
export const violationsOf = (issues: readonly StandardSchemaV1.Issue[], value: unknown): readonly SchemaViolation[] =>
  issues.map(({ message, path = [] }) => {
    const keys = path.map(keyOf);
    return { path: pathText(keys), message: withoutValues(message, textsIn(valueAt(value, keys))) };
  });

const pathText = (keys: readonly PropertyKey[]): string => keys.map(String).join('.');

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey =>
  typeof segment === 'object' ? segment.key : segment;

const valueAt = (value: unknown, keys: readonly PropertyKey[]): unknown =>
  keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined,
    value,
  );

/** A message repeats few values, so only part of a large value is searched for. */
const MOST_TEXTS = 500;

/** The texts and numbers in a JSON value, at any depth. */
function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0 && texts.length < MOST_TEXTS) {
    const current = open.pop();
    if (typeof current === 'string' || typeof current === 'number') texts.push(String(current));
    else if (typeof current === 'object' && current !== null) open.push(...Object.values(current).slice(0, MOST_TEXTS));
  }
  return texts.filter((text) => text !== '').toSorted((a, b) => b.length - a.length);
}

/** Libraries quote strings but not numbers. Short words without quotes may belong to the message itself. */
const SHORTEST_WORD = 6;
const SHORTEST_NUMBER = 2;

const withoutValues = (message: string, texts: readonly string[]): string =>
  texts.reduce((kept, text) => {
    const unquoted = kept.replaceAll(JSON.stringify(text), '"…"').replaceAll(`'${text}'`, "'…'");
    const shortest = Number.isNaN(Number(text)) ? SHORTEST_WORD : SHORTEST_NUMBER;
    return text.length < shortest ? unquoted : replaceWords(unquoted, text);
  }, message);

/** Replaces whole words only: the value `car` does not match in `card`. */
function replaceWords(message: string, text: string): string {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return message.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu'), '…');
}
