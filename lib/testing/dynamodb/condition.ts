import { compareDecimals } from './decimal.ts';
import {
  type Condition,
  type ConditionFunction,
  type ConditionOperand,
  isPath,
  type ParsedCondition,
  valueAt,
} from './expressions.ts';
import { type AttributeValue, type Item, sameValue } from './item.ts';

/** A request that may carry a condition expression, or the older `Expected` that became one. */
export interface Conditional {
  readonly _condition?: ParsedCondition;
}

export const conditionHolds = ({ _condition }: Conditional, item: Item | undefined): boolean =>
  _condition === undefined || holds(_condition.expression, item ?? {});

/**
 * Whether a condition or filter expression is true for the item. A missing attribute is not equal to, less than or
 * greater than any value, and is different from every value.
 */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.type) {
    case 'and':
      return holds(condition.args[0], item) && holds(condition.args[1], item);
    case 'or':
      return holds(condition.args[0], item) || holds(condition.args[1], item);
    case 'not':
      return !holds(condition.args[0], item);
  }
  const [first, second, third] = condition.args.map((operand) => resolve(operand, item));
  switch (condition.type) {
    case '=':
      return equal(first, second);
    case '<>':
      return !equal(first, second);
    case '<':
      return order(first, second) < 0;
    case '<=':
      return order(first, second) <= 0;
    case '>':
      return order(first, second) > 0;
    case '>=':
      return order(first, second) >= 0;
    case 'between':
      return order(first, second) >= 0 && order(first, third) <= 0;
    case 'in':
      return condition.args.slice(1).some((operand) => equal(first, resolve(operand, item)));
    case 'function':
      return callHolds(condition.name, first, second);
  }
}

function callHolds(
  name: ConditionFunction,
  subject: AttributeValue | undefined,
  operand: AttributeValue | undefined,
): boolean {
  switch (name) {
    case 'attribute_exists':
      return subject !== undefined;
    case 'attribute_not_exists':
      return subject === undefined;
    case 'attribute_type':
      return subject !== undefined && Object.keys(subject)[0] === operand?.S;
    case 'begins_with':
      return beginsWith(subject, operand);
    case 'contains':
      return contains(subject, operand);
  }
}

function resolve(operand: ConditionOperand, item: Item): AttributeValue | undefined {
  if (isPath(operand)) return valueAt(item, operand);
  if (!('type' in operand)) return operand;
  const size = sizeOf(resolve(operand.args[0], item));
  return size === undefined ? undefined : { N: String(size) };
}

const equal = (a: AttributeValue | undefined, b: AttributeValue | undefined): boolean =>
  a !== undefined && b !== undefined && sameValue(a, b);

/** NaN if the two have no order, so that every comparison is false. */
function order(a: AttributeValue | undefined, b: AttributeValue | undefined): number {
  if (a?.N !== undefined && b?.N !== undefined) return compareDecimals(a.N, b.N);
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(bytesOf(a.B), bytesOf(b.B));
  return Number.NaN;
}

function beginsWith(subject: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (subject?.S !== undefined && prefix?.S !== undefined) return subject.S.startsWith(prefix.S);
  if (subject?.B === undefined || prefix?.B === undefined) return false;
  const start = bytesOf(prefix.B);
  return bytesOf(subject.B).subarray(0, start.length).equals(start);
}

/** Whether a text contains a text, bytes contain bytes, or a set or list has a member. */
function contains(subject: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (subject === undefined || part === undefined) return false;
  if (subject.L !== undefined) return subject.L.some((member) => sameValue(member, part));
  if (part.S !== undefined) return subject.S?.includes(part.S) ?? subject.SS?.includes(part.S) ?? false;
  if (part.N !== undefined) return subject.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  return subject.B === undefined
    ? (subject.BS?.includes(part.B) ?? false)
    : bytesOf(subject.B).includes(bytesOf(part.B));
}

/** Length of a text, count of bytes or members; undefined for values without a size. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value?.S !== undefined) return value.S.length;
  if (value?.B !== undefined) return bytesOf(value.B).length;
  if (value?.M !== undefined) return Object.keys(value.M).length;
  return (value?.L ?? value?.SS ?? value?.NS ?? value?.BS)?.length;
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
