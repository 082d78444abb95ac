import { ownMember } from '../definitions/index.ts';
import type { Item } from './item-size.ts';
import type { WriteParts } from './write-subject.ts';

/**
 * Matches `balance >= :least`, `#state = :open` and the reverse order, for top-level attributes only. Not `<>`, which
 * holds for values of different types.
 */
const COMPARISON = /(?<![\w.:#\]])(#?\w+|:\w+)\s*(?:=|<=|>=|<(?!>)|>)\s*(#?\w+|:\w+)(?![\w.[(])/g;

/** With OR or NOT, a comparison may fail although the condition holds. */
const OR_OR_NOT = /(?<![#:\w])(?:OR|NOT)\b/i;

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
 * Finds comparisons of different types in a failed condition. Such a condition can never hold, so it is not a conflict.
 * @param item the current item
 * @returns a text with names and types only; undefined if all compared values have the same type
 */
export function findTypeMismatch(
  { condition = '', names, values }: WriteParts,
  item: Item | undefined,
): string | undefined {
  if (item === undefined || OR_OR_NOT.test(condition)) return undefined;
  for (const [, left = '', right = ''] of condition.matchAll(COMPARISON)) {
    const placeholder = [left, right].find((operand) => operand.startsWith(':'));
    const path = [left, right].find((operand) => !operand.startsWith(':'));
    if (placeholder === undefined || path === undefined) continue;
    const attribute = names[path] ?? path;
    const [stored, given] = [typeOf(item, attribute), typeOf(values, placeholder)];
    if (stored === undefined || given === undefined || stored === given) continue;
    // null means that the attribute is not set: another writer was first
    if (stored === 'NULL' || given === 'NULL') continue;
    return `'${attribute}' is ${TYPE_NAMES[stored] ?? stored}, and ${placeholder} is ${TYPE_NAMES[given] ?? given}`;
  }
  return undefined;
}

const typeOf = (values: Item, name: string): string | undefined => Object.keys(ownMember(values, name) ?? {})[0];
