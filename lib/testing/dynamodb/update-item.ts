import { ownMember } from '../../definitions/index.ts';
import { addDecimals, isTooLarge, negate, significantDigits } from './decimal.ts';
import { DynamoDbRefusal } from './errors.ts';
import {
  type DocumentPath,
  isPath,
  type Operand,
  type ParsedUpdate,
  type UpdateClause,
  valueAt,
} from './expressions.ts';
import type { AttributeValue, Item } from './item.ts';

/** Most digits that a number keeps. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_SIGNIFICANT_DIGITS = 38;

/**
 * The item after an update expression. Every clause reads the item as it was before the update: `SET previous = version
 * ADD version :one` keeps the old version, `REMOVE list[0], list[1]` takes the first two.
 * @throws DynamoDbRefusal `ValidationException` if the expression cannot be applied to the item.
 */
export function applyUpdate(before: Item, update: ParsedUpdate): Item {
  const changes = update.sections.map((clause) => ({ path: clause.path, value: newValue(before, clause) }));
  const sets = changes.filter((change) => change.value !== undefined);
  // back to front, so that removing one list member does not move the next
  const removals = changes
    .filter((change) => change.value === undefined)
    .toSorted((a, b) => comparePaths(b.path, a.path));
  let root: AttributeValue = { M: before };
  for (const { path, value } of sets.toSorted((a, b) => comparePaths(a.path, b.path)))
    root = replace(root, path, value);
  for (const { path } of removals) root = replace(root, path, undefined);
  return root.M ?? before;
}

/** The value at the clause's path after the update; undefined if there is none. */
function newValue(before: Item, clause: UpdateClause): AttributeValue | undefined {
  const existing = valueAt(before, clause.path);
  switch (clause.type) {
    case 'set':
      return evaluate(before, clause.val);
    case 'remove':
      return undefined;
    case 'add':
      return added(existing, clause.val);
    case 'delete':
      return subtracted(existing, clause.val);
  }
}

function evaluate(item: Item, operand: Operand): AttributeValue {
  if (isPath(operand)) return valueAt(item, operand) ?? refuse(MISSING_ATTRIBUTE);
  if (!('type' in operand)) return operand;
  switch (operand.type) {
    case 'add':
      return sum(numberIn(evaluate(item, operand.args[0])), numberIn(evaluate(item, operand.args[1])));
    case 'subtract':
      return sum(numberIn(evaluate(item, operand.args[0])), negate(numberIn(evaluate(item, operand.args[1]))));
    case 'function':
      if (operand.name === 'if_not_exists') return valueAt(item, operand.args[0]) ?? evaluate(item, operand.args[1]);
      return { L: [...listIn(evaluate(item, operand.args[0])), ...listIn(evaluate(item, operand.args[1]))] };
  }
}

function added(existing: AttributeValue | undefined, operand: AttributeValue): AttributeValue {
  if (operand.N !== undefined) return sum(existing === undefined ? '0' : numberIn(existing), operand.N);
  const type = setType(operand);
  const members = existing === undefined ? [] : membersOf(existing, type);
  return { [type]: [...members, ...membersOf(operand, type).filter((member) => !members.includes(member))] };
}

function subtracted(existing: AttributeValue | undefined, operand: AttributeValue): AttributeValue | undefined {
  if (existing === undefined) return undefined;
  const type = setType(operand);
  const taken = membersOf(operand, type);
  const left = membersOf(existing, type).filter((member) => !taken.includes(member));
  return left.length === 0 ? undefined : { [type]: left };
}

/** Sets `value` at `path` in a copy of `parent`; undefined removes the value there. */
function replace(parent: AttributeValue, path: DocumentPath, value: AttributeValue | undefined): AttributeValue {
  const [step, ...rest] = path;
  if (typeof step === 'string' && parent.M !== undefined) {
    const child = ownMember(parent.M, step);
    const next = rest.length === 0 ? value : replace(child ?? refuse(INVALID_PATH), rest, value);
    if (next !== undefined) return { M: { ...parent.M, [step]: next } };
    return { M: Object.fromEntries(Object.entries(parent.M).filter(([name]) => name !== step)) };
  }
  if (typeof step === 'number' && parent.L !== undefined) {
    const child = parent.L[step];
    const next = rest.length === 0 ? value : replace(child ?? refuse(INVALID_PATH), rest, value);
    if (next === undefined) return { L: parent.L.toSpliced(step, 1) };
    // an index beyond the end appends
    return { L: step < parent.L.length ? parent.L.with(step, next) : [...parent.L, next] };
  }
  return refuse(INVALID_PATH);
}

const numberIn = (value: AttributeValue): string => value.N ?? refuse(WRONG_TYPE);
const listIn = (value: AttributeValue): readonly AttributeValue[] => value.L ?? refuse(WRONG_TYPE);
const membersOf = (value: AttributeValue, type: SetType): readonly string[] => value[type] ?? refuse(WRONG_TYPE);

type SetType = 'SS' | 'NS' | 'BS';

function setType(value: AttributeValue): SetType {
  if (value.SS !== undefined) return 'SS';
  if (value.NS !== undefined) return 'NS';
  return value.BS === undefined ? refuse(WRONG_TYPE) : 'BS';
}

function sum(a: string, b: string): AttributeValue {
  const N = addDecimals(a, b);
  if (significantDigits(N) > MAX_SIGNIFICANT_DIGITS || isTooLarge(N)) {
    return refuse('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  return { N };
}

function comparePaths(a: DocumentPath, b: DocumentPath): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [x, y] = [a[at], b[at]];
    if (typeof x === 'number' && typeof y === 'number' && x !== y) return x - y;
    if (x !== y) return String(x) < String(y) ? -1 : 1;
  }
  return a.length - b.length;
}

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';
const MISSING_ATTRIBUTE = 'The provided expression refers to an attribute that does not exist in the item';
const INVALID_PATH = 'The document path provided in the update expression is invalid for update';

function refuse(message: string): never {
  throw new DynamoDbRefusal('ValidationException', message);
}
