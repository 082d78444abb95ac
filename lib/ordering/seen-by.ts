import type { Cursor } from './cursor.ts';

/** Code that takes different types has seen what lies behind the cursor. */
const MIXED = 'mixed';

/**
 * The cursor that is stored in place of `from`, with a word of which code has seen what lies behind it.
 * @param code what tells this code from others that take other types; undefined where nobody asks
 */
export function noteSeenBy(from: Cursor, next: Cursor, code: string | undefined): Cursor {
  const { seenBy: _, ...counts } = next;
  if (next.processed >= next.seen) return counts;
  if (isSeenByOthers(from, code)) return { ...counts, seenBy: MIXED };
  const seenBy = next.seen > from.seen ? code : from.seenBy;
  return seenBy === undefined ? counts : { ...counts, seenBy };
}

/** Whether other code may have deleted messages of events that this code does not take. */
export const isSeenByOthers = ({ processed, seen, seenBy }: Cursor, code: string | undefined): boolean =>
  code !== undefined && seenBy !== undefined && seenBy !== code && processed < seen;

/** Whether the cursor tells already that this code has seen what lies behind it. */
export const knowsOf = (cursor: Cursor, code: string | undefined): boolean =>
  !isSeenByOthers(cursor, code) || cursor.seenBy === MIXED;
