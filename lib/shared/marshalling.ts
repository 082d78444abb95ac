import { types } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { WaybillError } from '../definitions/waybill-error.ts';
import { describeProblems, isPlainObject, memberPath, oddKindOf, type ValueProblem } from './plain-values.ts';

/** DynamoDB cannot store a value. Nothing was sent. */
export class ItemValueError extends WaybillError {
  readonly code = 'ITEM_VALUE_INVALID';
  override readonly disposition = 'permanent';
  /** The path and kind of each value; never the value itself. */
  readonly problems: readonly ValueProblem[];

  constructor(what: string, problems: readonly ValueProblem[]) {
    super(`${what} cannot be written: ${describeProblems(problems)}`);
    this.problems = problems;
  }
}

/**
 * Converts plain values to DynamoDB's, for items, keys and expression values. It accepts
 * - strings, booleans, null, finite numbers (integers within ±2^53, larger ones as BigInt), lists and plain objects with
 *   any member names (`constructor`, `toString`, …) except `__proto__`;
 * - values with their own DynamoDB type: BigInt and the SDK's `NumberValue` of up to 38 digits, a non-empty Set of only
 *   strings, numbers or bytes, bytes (such as Uint8Array), a Map with string keys.
 *
 * Undefined members are omitted. Text that is not well-formed Unicode is stored with U+FFFD. `unmarshallItem` reads a Map
 * as an object and a BigInt within ±2^53 as a number.
 *
 * @example marshallItem({ orderId, total }, "tx.put: item of table 'orders'")
 *
 * @param what the subject of the error message: the call, the table and the parameter
 * @throws ItemValueError `ITEM_VALUE_INVALID` naming the path and kind of every value that cannot be written
 */
export function marshallItem(values: object, what: string): Record<string, AttributeValue> {
  const problems: ValueProblem[] = [];
  const around: object[] = [];

  const refuse = (path: string, message: string): undefined => void problems.push({ path, message });

  const refuseOdd = (path: string, value: unknown): undefined => {
    const { kind, mend } = oddKindOf(value);
    return refuse(path, `is ${kind}, which DynamoDB cannot store: ${mend}`);
  };

  const digits = (path: string, text: string): AttributeValue | undefined =>
    significantDigits(text) > MOST_DIGITS
      ? refuse(path, `is a number of more than ${MOST_DIGITS} digits, which DynamoDB cannot store: write it as text`)
      : { N: text };

  const number = (path: string, value: number): AttributeValue | undefined => {
    if (!Number.isFinite(value)) return refuseOdd(path, value);
    const size = Math.abs(value);
    if (size > Number.MAX_SAFE_INTEGER) {
      return refuse(path, 'is a number beyond ±2^53, which JavaScript cannot represent exactly: pass a BigInt');
    }
    if (size > 0 && size < SMALLEST) return refuse(path, 'is a number that DynamoDB cannot store: round it to 0');
    return { N: String(value) };
  };

  const set = (path: string, all: readonly unknown[]): AttributeValue | undefined => {
    const members = all.filter((member) => member !== undefined);
    const texts = members.filter((member) => typeof member === 'string');
    const bytes = members.flatMap((member) => bytesOf(member) ?? []);
    if (members.length > 0 && texts.length === members.length) return { SS: texts.map((text) => text.toWellFormed()) };
    if (members.length > 0 && bytes.length === members.length) return { BS: bytes };
    if (members.length > 0 && members.every(isNumeric)) {
      const numbers = members.map((member) => attribute(path, member)?.N);
      return numbers.includes(undefined) ? undefined : { NS: numbers.filter((text) => text !== undefined) };
    }
    return members.length === 0
      ? refuse(path, 'is an empty Set, which DynamoDB cannot store: leave it out')
      : refuse(path, 'is a Set whose members are not all texts, all numbers or all bytes: write it as a list');
  };

  const members = (path: string, entries: Iterable<readonly [unknown, unknown]>): Record<string, AttributeValue> => {
    const marshalled: [string, AttributeValue][] = [];
    for (const [name, member] of entries) {
      if (typeof name !== 'string') {
        refuse(path, 'is a Map with keys that are not strings, which DynamoDB cannot store: write them as text');
        continue;
      }
      if (name === '__proto__') {
        refuse(memberPath(path, name), 'is a name that the AWS SDK loses when it reads an item: choose another');
        continue;
      }
      const value = member === undefined ? undefined : attribute(memberPath(path, name), member);
      if (value !== undefined) marshalled.push([name.toWellFormed(), value]);
    }
    return Object.fromEntries(marshalled);
  };

  const within = (path: string, value: object, marshal: () => AttributeValue): AttributeValue | undefined => {
    if (around.includes(value)) return refuse(path, 'contains itself, which DynamoDB cannot store: leave it out');
    around.push(value);
    const marshalled = marshal();
    around.pop();
    return marshalled;
  };

  const attribute = (path: string, value: unknown): AttributeValue | undefined => {
    if (value === null) return { NULL: true };
    if (typeof value === 'string') return { S: value.toWellFormed() };
    if (typeof value === 'boolean') return { BOOL: value };
    if (typeof value === 'number') return number(path, value);
    if (typeof value === 'bigint') return digits(path, String(value));
    if (value instanceof NumberValue) return digits(path, value.toString());
    if (typeof value !== 'object' || value === undefined) return refuseOdd(path, value);
    const bytes = bytesOf(value);
    if (bytes !== undefined) return { B: bytes };
    if (types.isSet(value)) return set(path, [...value]);
    if (types.isMap(value)) return within(path, value, () => ({ M: members(path, value) }));
    if (Array.isArray(value)) {
      return within(path, value, () => ({
        L: value.flatMap((member, at) => (member === undefined ? [] : (attribute(memberPath(path, at), member) ?? []))),
      }));
    }
    if (!isPlainObject(value)) return refuseOdd(path, value);
    return within(path, value, () => ({ M: members(path, Object.entries(value)) }));
  };

  const item = isPlainObject(values) ? attribute('', values)?.M : refuseOdd('', values);
  if (item === undefined || problems.length > 0) throw new ItemValueError(what, problems);
  return item;
}

/**
 * Converts an item to plain values. Numbers beyond ±2^53 become BigInt; fractions among them become the SDK's
 * `NumberValue`, which keeps all digits and can be written again. Never fails for an item that DynamoDB returned.
 */
export function unmarshallItem(item: Readonly<Record<string, AttributeValue>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(value)]])),
  );
}

function plain(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return plainNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.M !== undefined) return unmarshallItem(value.M);
  if (value.L !== undefined) return value.L.map(plain);
  if (value.B !== undefined) return value.B;
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.NS !== undefined) return new Set(value.NS.map(plainNumber));
  if (value.BS !== undefined) return new Set(value.BS);
  // a type that is newer than the SDK
  return undefined;
}

function plainNumber(text: string): number | bigint | NumberValue {
  const number = Number(text);
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
  return /^-?\d+$/.test(text) ? BigInt(text) : NumberValue.from(text);
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MOST_DIGITS = 38;
const SMALLEST = 1e-130;

/** From the first to the last non-zero digit, before an exponent. */
const significantDigits = (text: string): number =>
  (text.split(/e/i)[0] ?? '').replace(/[^\d]/g, '').replace(/^0+|0+$/g, '').length;

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue;

/** Copies the bytes, so that later changes do not affect the collected write. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  return types.isAnyArrayBuffer(value) ? new Uint8Array(value).slice() : undefined;
}
