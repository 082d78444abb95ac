import { isJsonObject } from '../members.ts';
import { isLeaf, type Leaf } from './leaf-test.ts';
import { type Alternative, type FieldCondition, type FieldPath, parsePattern } from './parse-pattern.ts';

/** Whether a parsed JSON document matches a pattern. */
export type EventMatcher = (event: object) => boolean;

/** A leaf, and the element of each array that lies between it and the event's root. */
interface Candidate {
  readonly leaf: Leaf;
  readonly elements: readonly ArrayElement[];
}

interface ArrayElement {
  readonly array: readonly unknown[];
  readonly index: number;
}

/**
 * Compiles an event pattern, the language of rules, archives and the filters of event source mappings.
 * @throws AwsError `InvalidEventPatternException`
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function compileEventPattern(pattern: string): EventMatcher {
  const alternatives = parsePattern(pattern);
  return (event) => alternatives.some((conditions) => meets(event, conditions, 0, []));
}

/**
 * Two fields never match in different elements of one array, so a choice made for one condition binds the next ones.
 * Leaves that bind them alike are one choice: without that, an event with several long arrays had all combinations of
 * their elements tried.
 */
function meets(event: object, conditions: Alternative, from: number, chosen: readonly ArrayElement[]): boolean {
  const condition = conditions[from];
  if (condition === undefined) return true;
  const candidates = leavesAt(event, condition);
  if (candidates.length === 0) return condition.acceptsAbsence && meets(event, conditions, from + 1, chosen);
  const fitting = candidates.filter(({ leaf, elements }) => condition.test(leaf) && agree(chosen, elements));
  if (fitting.length <= 1 || from === conditions.length - 1) {
    const [only] = fitting;
    return only !== undefined && meets(event, conditions, from + 1, [...chosen, ...only.elements]);
  }
  const isBinding = arraysOf(event, conditions.slice(from + 1));
  const choices = fitting.map(({ elements }) => elements.filter(({ array }) => isBinding.has(array)));
  return distinct(choices).some((elements) => meets(event, conditions, from + 1, [...chosen, ...elements]));
}

/** The arrays in which the conditions find their leaves. */
const arraysOf = (event: object, conditions: Alternative): ReadonlySet<readonly unknown[]> =>
  new Set(
    conditions.flatMap((condition) =>
      leavesAt(event, condition).flatMap(({ elements }) => elements.map(({ array }) => array)),
    ),
  );

function distinct(choices: readonly (readonly ArrayElement[])[]): readonly (readonly ArrayElement[])[] {
  const numbers = new Map<readonly unknown[], number>();
  const numberOf = (array: readonly unknown[]) => {
    const number = numbers.get(array) ?? numbers.size;
    numbers.set(array, number);
    return number;
  };
  const keyOf = (elements: readonly ArrayElement[]) =>
    elements.map(({ array, index }) => `${numberOf(array)}:${index}`).join();
  return [...new Map(choices.map((elements) => [keyOf(elements), elements])).values()];
}

const agree = (some: readonly ArrayElement[], others: readonly ArrayElement[]) =>
  some.every((one) => others.every((other) => one.array !== other.array || one.index === other.index));

function leavesAt(event: object, { path }: FieldCondition): readonly Candidate[] {
  const found: Candidate[] = [];
  collect(event, path, 0, [], found);
  return found;
}

function collect(
  value: unknown,
  path: FieldPath,
  depth: number,
  elements: readonly ArrayElement[],
  found: Candidate[],
): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      collect(item, path, depth, [...elements, { array: value, index }], found);
    });
    return;
  }
  if (isJsonObject(value)) {
    for (const { name, nextDepth } of path.stepsFrom(depth, value)) {
      if (Object.hasOwn(value, name)) collect(value[name], path, nextDepth, elements, found);
    }
    return;
  }
  if (depth === path.length && isLeaf(value)) found.push({ leaf: value, elements });
}
