import { ownMember } from '../definitions/index.ts';
import type { Item } from './item-size.ts';
import type { WriteParts } from './write-subject.ts';

/**
 * `balance >= :least`, `#state = :open`, either way round, with a path of top-level attributes only. Not `<>`, which holds
 * for values of different types.
 */
const COMPARISON = /(?<![\w.:#\]])(#?\w+|:\w+)\s*(?:=|<=|>=|<(?!>)|>)\s*(#?\w+|:\w+)(?![\w.[(])/g;

/** A comparison may fail there, and the condition hold. */
const OTHER_WAYS = /(?<![#:\w])(?:OR|NOT)\b/i;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  S: 'a text',
  N: 'a number',
  B: 'bytes',
  BOOL: 'true or false',
  M: 'a map',
  L: 'a list',
  SS: 'a set of texts',
  NS: 'a set of numbers',
  BS: 'a set of bytes',
};

/**
 * What of a condition that does not hold compares values of different types: that is no race that was lost, DynamoDB
 * orders and equals values of one type only.
 * @param item as it stands
 * @returns in words, names and types only; undefined where all compared values are of one type
 */
export function unlikeTypes({ condition = '', names, values }: WriteParts, item: Item | undefined): string | undefined {
  if (item === undefined || OTHER_WAYS.test(condition)) return undefined;
  for (const [, left = '', right = ''] of condition.matchAll(COMPARISON)) {
    const placeholder = [left, right].find((operand) => operand.startsWith(':'));
    const path = [left, right].find((operand) => !operand.startsWith(':'));
    if (placeholder === undefined || path === undefined) continue;
    const attribute = names[path] ?? path;
    const [stored, given] = [typeOf(item, attribute), typeOf(values, placeholder)];
    if (stored === undefined || given === undefined || stored === given) continue;
    // null stands for "none": who set or cleared the attribute was first
    if (stored === 'NULL' || given === 'NULL') continue;
    return `'${attribute}' is ${TYPE_NAMES[stored] ?? stored}, and ${placeholder} is ${TYPE_NAMES[given] ?? given}`;
  }
  return undefined;
}

const typeOf = (values: Item, name: string): string | undefined => Object.keys(ownMember(values, name) ?? {})[0];
