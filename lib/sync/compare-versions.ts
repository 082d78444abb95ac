import { isTimestamp } from '../definitions/index.ts';
import type { Version } from './change.ts';

/**
 * Compares two versions of a record: numbers and digits by their size, times by the instant with all digits of their
 * fraction.
 * @returns 'tie' if they are equal, or cannot be compared
 */
export function compareVersions(a: Version, b: Version): 'older' | 'newer' | 'tie' {
  if (isDigits(a) && isDigits(b)) return orderOf(BigInt(a), BigInt(b));
  if (typeof a === 'number' && typeof b === 'number') return orderOf(a, b);
  if (typeof a !== 'string' || typeof b !== 'string' || !isTimestamp(a) || !isTimestamp(b)) return 'tie';
  const byInstant = orderOf(wholeSecond(a), wholeSecond(b));
  return byInstant === 'tie' ? orderOf(fraction(a, b), fraction(b, a)) : byInstant;
}

const isDigits = (version: Version): boolean => /^-?\d+$/.test(String(version));

const orderOf = <Value extends bigint | number | string>(a: Value, b: Value) =>
  a < b ? 'older' : a > b ? 'newer' : 'tie';

const wholeSecond = (text: string): number => Date.parse(text.replace(/\.\d+/, ''));

const digitsOf = (text: string): string => /\.(\d+)/.exec(text)?.[1] ?? '';

/** `Date` has milliseconds, providers have up to nanoseconds. */
const fraction = (text: string, other: string): string => digitsOf(text).padEnd(digitsOf(other).length, '0');
