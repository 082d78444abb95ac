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
 */
function meets(event: object, conditions: Alternative, from: number, chosen: readonly ArrayElement[]): boolean {
  const condition = conditions[from];
  if (condition === undefined) return true;
  const candidates = leavesAt(event, condition);
  if (candidates.length === 0) return condition.acceptsAbsence && meets(event, conditions, from + 1, chosen);
  return candidates.some(
    ({ leaf, elements }) =>
      condition.test(leaf) &&
      agree(chosen, elements) &&
      meets(event, conditions, from + 1, elements.length === 0 ? chosen : [...chosen, ...elements]),
  );
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
  const steps = path[depth];
  if (isJsonObject(value)) {
    for (const { name, nextDepth } of steps ?? []) {
      if (Object.hasOwn(value, name)) collect(value[name], path, nextDepth, elements, found);
    }
    return;
  }
  if (steps === undefined && isLeaf(value)) found.push({ leaf: value, elements });
}
