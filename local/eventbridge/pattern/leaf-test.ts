import { isJsonObject } from '../members.ts';
import { compileCidr } from './cidr.ts';
import { compileNumeric } from './numeric.ts';
import { compileWildcard } from './wildcard.ts';

/** A value of an event that is neither an object nor an array. */
export type Leaf = string | number | boolean | null;

export const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export type LeafTest = (leaf: Leaf) => boolean;

/** What one matcher of a pattern's list accepts: a leaf, or that there is none. */
export type Matcher = { readonly kind: 'leaf'; readonly test: LeafTest } | { readonly kind: 'absent' };

/**
 * Compiles `{ "<operator>": <operand> }`.
 * @throws RangeError with EventBridge's reason.
 */
export function compileMatcher(expression: object): Matcher {
  const { operator, operand } = onlyMember(expression);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw new RangeError('exists match pattern must be either true or false.');
    return operand ? { kind: 'leaf', test: () => true } : { kind: 'absent' };
  }
  const compile = OPERATORS.get(operator);
  if (compile === undefined) throw new RangeError(`Unrecognized match type ${operator}`);
  return { kind: 'leaf', test: compile(operand) };
}

const OPERATORS: ReadonlyMap<string, (operand: unknown) => LeafTest> = new Map(
  Object.entries({
    prefix: (operand: unknown) => edgeTest('prefix', operand),
    suffix: (operand: unknown) => edgeTest('suffix', operand),
    'equals-ignore-case': (operand: unknown) => equalsIgnoreCase(requireText('equals-ignore-case', operand)),
    wildcard: (operand: unknown) => onText(compileWildcard(requireText('wildcard', operand))),
    cidr: (operand: unknown) => onText(compileCidr(requireText('cidr', operand))),
    numeric: (operand: unknown) => {
      if (!Array.isArray(operand)) throw new RangeError('Value of numeric must be an array.');
      const test = compileNumeric(operand);
      return (leaf) => typeof leaf === 'number' && test(leaf);
    },
    'anything-but': (operand: unknown) => {
      const excluded = excludedTest(operand);
      return (leaf) => !excluded(leaf);
    },
  }),
);

function edgeTest(operator: 'prefix' | 'suffix', operand: unknown): LeafTest {
  if (typeof operand === 'string') return onText(startsOrEnds(operator, operand));
  if (!isJsonObject(operand)) {
    throw new RangeError(`${operator} match pattern must be a string`);
  }
  const nested = onlyMember(operand);
  if (nested.operator !== 'equals-ignore-case') {
    throw new RangeError(`Unsupported ${operator} match pattern: ${nested.operator}`);
  }
  const test = startsOrEnds(operator, requireText(operator, nested.operand).toLowerCase());
  return onText((text) => test(text.toLowerCase()));
}

/** What `anything-but` leaves out: values, or what an operator of its own would match. */
function excludedTest(operand: unknown): LeafTest {
  if (typeof operand === 'string' || typeof operand === 'number') return (leaf) => leaf === operand;
  if (Array.isArray(operand)) {
    const excluded = new Set<unknown>(requireOneType(operand));
    return (leaf) => excluded.has(leaf);
  }
  if (!isJsonObject(operand)) {
    throw new RangeError('Value of anything-but must be an array or single string/number value.');
  }
  const nested = onlyMember(operand);
  const compile = EXCLUSIONS.get(nested.operator);
  if (compile === undefined) throw new RangeError(`Unsupported anything-but pattern: ${nested.operator}`);
  const texts: readonly unknown[] = Array.isArray(nested.operand) ? nested.operand : [nested.operand];
  if (texts.length === 0) throw new RangeError('Empty arrays are not allowed');
  const tests = texts.map(compile);
  return (leaf) => tests.some((test) => test(leaf));
}

const EXCLUSIONS: ReadonlyMap<string, (operand: unknown) => LeafTest> = new Map(
  Object.entries({
    prefix: (operand: unknown) => onText(startsOrEnds('prefix', requireEdge(operand))),
    suffix: (operand: unknown) => onText(startsOrEnds('suffix', requireEdge(operand))),
    wildcard: (operand: unknown) => onText(compileWildcard(requireText('wildcard', operand))),
    'equals-ignore-case': (operand: unknown) => {
      if (typeof operand === 'string') return equalsIgnoreCase(operand);
      throw new RangeError('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.');
    },
  }),
);

const onText =
  (test: (text: string) => boolean): LeafTest =>
  (leaf) =>
    typeof leaf === 'string' && test(leaf);

const startsOrEnds = (operator: 'prefix' | 'suffix', edge: string) =>
  operator === 'prefix' ? (text: string) => text.startsWith(edge) : (text: string) => text.endsWith(edge);

function equalsIgnoreCase(text: string): LeafTest {
  const lowered = text.toLowerCase();
  return onText((value) => value.toLowerCase() === lowered);
}

function onlyMember(expression: object): { operator: string; operand: unknown } {
  const [member, ...more] = Object.entries(expression);
  if (member === undefined) throw new RangeError('Match expression name not found');
  if (more.length > 0) throw new RangeError('Only one key allowed in match expression');
  return { operator: member[0], operand: member[1] };
}

function requireText(operator: string, operand: unknown): string {
  if (typeof operand !== 'string') throw new RangeError(`${operator} match pattern must be a string`);
  return operand;
}

function requireEdge(operand: unknown): string {
  if (typeof operand === 'object') {
    throw new RangeError('Value of anything-but must be an array or single string/number value.');
  }
  if (typeof operand !== 'string') throw new RangeError('prefix/suffix match pattern must be a string');
  if (operand === '') throw new RangeError('Null prefix/suffix not allowed');
  return operand;
}

function requireOneType(values: readonly unknown[]): readonly unknown[] {
  const types = new Set(values.map((value) => typeof value));
  if (types.size > 0 && !values.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw new RangeError('Inside anything but list, start|null|boolean is not supported.');
  }
  if (types.size !== 1) {
    throw new RangeError(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  return values;
}
