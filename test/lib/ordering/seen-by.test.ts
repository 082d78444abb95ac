import { describe, expect, it } from 'vitest';
import { type Cursor, startAt } from '../../../lib/ordering/cursor.ts';
import { isSeenByOthers, noteSeenBy } from '../../../lib/ordering/seen-by.ts';

const cursor = (processed: number, seen: number, seenBy?: string): Cursor => ({
  ...startAt(1),
  processed,
  seen,
  ...(seenBy === undefined ? {} : { seenBy }),
});

describe('a cursor', () => {
  it('tells which code has seen what lies behind it', () => {
    expect(noteSeenBy(cursor(1, 1), cursor(1, 3), 'new')).toStrictEqual(cursor(1, 3, 'new'));
  });

  it('goes on telling it where other code moves it, and says so', () => {
    expect(noteSeenBy(cursor(0, 3, 'new'), cursor(1, 3), 'old')).toStrictEqual(cursor(1, 3, 'mixed'));
  });

  it('tells nothing once nothing lies behind it', () => {
    expect(noteSeenBy(cursor(2, 3, 'new'), cursor(3, 3, 'new'), 'new')).toStrictEqual(cursor(3, 3));
  });

  it.each([
    ['the same code', 'new', false],
    ['other code', 'old', true],
  ])('was seen by others, or not, as %s sees it', (_, code, isByOthers) => {
    expect(isSeenByOthers(cursor(1, 3, 'new'), code)).toBe(isByOthers);
  });
});
