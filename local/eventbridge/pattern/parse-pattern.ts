import { AwsError } from '../../endpoint/aws-error.ts';
import { isJsonObject } from '../members.ts';
import { compileMatcher, isLeaf, type Leaf, type LeafTest } from './leaf-test.ts';

/** What a pattern asks of one field. */
export interface FieldCondition {
  readonly path: FieldPath;
  readonly test: LeafTest;
  /** Whether an event without any leaf at the path matches too. */
  readonly acceptsAbsence: boolean;
}

/**
 * The way to a field. A dot in a name is the same as a step into an object, in patterns and in events, so at each depth
 * an event may go on by the next name or by several of them joined.
 */
export interface FieldPath {
  /** The number of names. */
  readonly length: number;
  /** Ways on from `depth` into an object. */
  stepsFrom(depth: number, object: object): readonly PathStep[];
}

interface PathStep {
  readonly name: string;
  readonly nextDepth: number;
}

/** Conditions that must hold together. */
export type Alternative = readonly FieldCondition[];

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const LONGEST_PATTERN = 4_096;

/** Combinations that a pattern's `$or`s may make. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const MOST_ALTERNATIVES = 1_000;

/** Names that cannot be fields inside `$or`, since they name operators. */
const OPERATOR_NAMES = new Set([
  'exactly',
  'prefix',
  'suffix',
  'anything-but',
  'numeric',
  'exists',
  'cidr',
  'equals-ignore-case',
  'wildcard',
]);

/**
 * A pattern as the alternatives of which an event must meet one.
 * @throws AwsError `InvalidEventPatternException`
 */
export function parsePattern(pattern: string): readonly Alternative[] {
  if (pattern.length > LONGEST_PATTERN) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${pattern.slice(0, 100)}…' at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_PATTERN}`,
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(pattern);
  } catch (cause) {
    throw invalidPattern('Invalid JSON', [], cause);
  }
  if (!isJsonObject(document)) throw invalidPattern('Filter is not an object', []);
  return parseObject(document, [], false);
}

function parseObject(node: object, path: readonly string[], insideOr: boolean): readonly Alternative[] {
  const members = Object.entries(node);
  if (members.length === 0) throw invalidPattern('Empty objects are not allowed', path);
  return members.reduce<readonly Alternative[]>(
    (alternatives, [name, value]) => combine(alternatives, parseMember(name, value, path, insideOr), path),
    [[]],
  );
}

function parseMember(name: string, value: unknown, path: readonly string[], insideOr: boolean): readonly Alternative[] {
  if (name === '$or') return parseOr(value, path);
  if (insideOr && OPERATOR_NAMES.has(name)) {
    throw invalidPattern(`${name} is Ruler reserved fieldName which cannot be used inside $or.`, path);
  }
  const memberPath = [...path, name];
  if (Array.isArray(value)) return [[parseField(value, memberPath)]];
  if (isJsonObject(value)) return parseObject(value, memberPath, insideOr);
  throw invalidPattern(`"${name}" must be an object or an array`, memberPath);
}

function parseOr(branches: unknown, path: readonly string[]): readonly Alternative[] {
  if (!Array.isArray(branches)) throw invalidPattern('It must be an Array followed with $or.', path);
  if (branches.length < 2) throw invalidPattern('There must have at least 2 Objects in $or relationship.', path);
  return branches.flatMap((branch: unknown) => {
    if (!isJsonObject(branch)) throw invalidPattern('Only JSON object is allowed in array of $or relationship.', path);
    return parseObject(branch, path, true);
  });
}

function parseField(values: readonly unknown[], path: readonly string[]): FieldCondition {
  if (values.length === 0) throw invalidPattern('Empty arrays are not allowed', path);
  const exact = new Set<Leaf>();
  const tests: LeafTest[] = [];
  let acceptsAbsence = false;
  for (const value of values) {
    if (isLeaf(value)) {
      exact.add(value);
      continue;
    }
    if (!isJsonObject(value)) throw invalidPattern('Match value must be String, number, true, false, or null', path);
    const matcher = compileAt(path, value);
    if (matcher.kind === 'absent') acceptsAbsence = true;
    else tests.push(matcher.test);
  }
  const test: LeafTest =
    tests.length === 0 ? (leaf) => exact.has(leaf) : (leaf) => exact.has(leaf) || tests.some((test) => test(leaf));
  return { path: toFieldPath(path), test, acceptsAbsence };
}

/** Up to this many names, all ways of joining them are worth keeping: their number grows by the square. */
const FEW_NAMES = 8;

function toFieldPath(path: readonly string[]): FieldPath {
  const names = path.join('.').split('.');
  const { length } = names;
  if (length > FEW_NAMES) return { length, stepsFrom: (depth, object) => stepsByKeys(names, depth, object) };
  const steps = names.map((_, depth) =>
    names.slice(depth).map((_, more) => ({
      name: names.slice(depth, depth + more + 1).join('.'),
      nextDepth: depth + more + 1,
    })),
  );
  return { length, stepsFrom: (depth) => steps[depth] ?? [] };
}

const stepsByKeys = (names: readonly string[], depth: number, object: object): readonly PathStep[] =>
  Object.keys(object).flatMap((name) => {
    const parts = name.split('.');
    const isOnTheWay = depth + parts.length <= names.length && parts.every((part, at) => part === names[depth + at]);
    return isOnTheWay ? [{ name, nextDepth: depth + parts.length }] : [];
  });

function compileAt(path: readonly string[], expression: object) {
  try {
    return compileMatcher(expression);
  } catch (error) {
    if (error instanceof RangeError) throw invalidPattern(error.message, path, error);
    throw error;
  }
}

function combine(
  some: readonly Alternative[],
  others: readonly Alternative[],
  path: readonly string[],
): readonly Alternative[] {
  const count = some.length * others.length;
  if (count > MOST_ALTERNATIVES) {
    throw invalidPattern(`$or makes ${count} combinations, at most ${MOST_ALTERNATIVES} are allowed`, path);
  }
  return some.flatMap((one) => others.map((other) => [...one, ...other]));
}

function invalidPattern(reason: string, path: readonly string[], cause?: unknown): AwsError {
  const where = path.length === 0 ? '' : `\n at ${path.join('.')}`;
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}${where}`, {
    cause,
  });
}
