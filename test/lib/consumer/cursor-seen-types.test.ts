import { describe, expect, it } from 'vitest';
import {
  type Cursor,
  hasSeenTypes,
  isSeenByTaker,
  startAt,
  typeHash,
  withSeenTypes,
} from '../../../lib/consumer/cursor.ts';

const cursor = (processed: number, seen: number, seenTypes?: readonly string[]): Cursor => ({
  ...startAt(1),
  processed,
  seen,
  ...(seenTypes === undefined ? {} : { seenTypes }),
});

const PLACED = { source: '/orders', type: 'placed' };
const PAID = { source: '/payments', type: 'paid' };

describe('a cursor', () => {
  it('tells the types of the code that has seen what lies behind it', () => {
    expect(withSeenTypes(cursor(1, 1), cursor(1, 3), ['b', 'a'])).toStrictEqual(cursor(1, 3, ['a', 'b']));
  });

  it('tells the types of all code that has seen it, whichever moves it', () => {
    expect(withSeenTypes(cursor(0, 3, ['a', 'b']), cursor(1, 3), ['a', 'c'])).toStrictEqual(
      cursor(1, 3, ['a', 'b', 'c']),
    );
  });

  it('tells nothing once nothing lies behind it, and begins anew', () => {
    expect(withSeenTypes(cursor(2, 3, ['a']), cursor(3, 3, ['a']), ['a'])).toStrictEqual(cursor(3, 3));
    expect(withSeenTypes(cursor(3, 3, ['a']), cursor(3, 4), ['b'])).toStrictEqual(cursor(3, 4, ['b']));
  });

  it('tells nothing of what code from before has seen', () => {
    expect(withSeenTypes(cursor(0, 3), cursor(1, 3), ['a'])).toStrictEqual(cursor(1, 3));
  });

  it.each([
    ['of a type that they take', PAID, 2, true],
    ['of a type that they do not take', PLACED, 2, false],
    ['of another source', { ...PAID, source: '/orders' }, 2, false],
    ['that they have not seen', PAID, 4, false],
  ])('knows whether those who saw may have deleted the message of an event %s', (_, type, sequence, isTaken) => {
    expect(isSeenByTaker(cursor(1, 3, [typeHash(PAID)]), { ...type, sequence })).toBe(isTaken);
  });

  it.each([
    [['a'], true],
    [['a', 'b'], true],
    [['a', 'c'], false],
  ])('tells already, or not, that code that takes %j has seen it', (own, isKnown) => {
    expect(hasSeenTypes(cursor(1, 3, ['a', 'b']), own)).toBe(isKnown);
  });
});
