import type { StandardSchemaV1 } from '@standard-schema/spec';

/** One thing that is wrong with a value, and where: `total.minorUnits`. An empty path is the value itself. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
}

/** A list of a thousand odd entries is odd in one way. */
export const MOST_VIOLATIONS_TOLD = 10;

/** The first violations in one line, and how many there are beside them. */
export function describeViolations(violations: readonly SchemaViolation[]): string {
  const more = violations.length - MOST_VIOLATIONS_TOLD;
  return violations
    .slice(0, MOST_VIOLATIONS_TOLD)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .concat(more > 0 ? [`and ${more} more`] : [])
    .join('; ');
}

/**
 * What a schema says of a command or an item, in one line.
 * @param whole what the value itself is called: `command`
 */
export const issuesText = (issues: readonly StandardSchemaV1.Issue[], whole: string): string =>
  issues.map(({ path = [], message }) => `${pathText(path.map(keyOf)) || whole}: ${message}`).join('; ');

/**
 * What a schema says of a value, without the value: libraries repeat what they got (`received "jane@example.com"`), and
 * what they say ends in messages, logs and failure notes.
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

/** A message repeats few values; of a large one not all need to be looked for. */
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

/** Libraries quote texts, not numbers. Short words without quotes may well be the message's own. */
const SHORTEST_WORD = 6;
const SHORTEST_NUMBER = 2;

const withoutValues = (message: string, texts: readonly string[]): string =>
  texts.reduce((kept, text) => {
    const unquoted = kept.replaceAll(JSON.stringify(text), '"…"').replaceAll(`'${text}'`, "'…'");
    const shortest = Number.isNaN(Number(text)) ? SHORTEST_WORD : SHORTEST_NUMBER;
    return text.length < shortest ? unquoted : replaceWords(unquoted, text);
  }, message);

/** Where it stands as a whole word: the value `car` is not told by the word `card`. */
function replaceWords(message: string, text: string): string {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return message.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu'), '…');
}
