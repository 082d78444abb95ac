import { createHash } from 'node:crypto';
import type { EventTypeKey } from '../contracts/index.ts';
import type { Cursor } from './cursor.ts';

/** Of 36 bits: two types of one consumer hardly ever share a mark, and if they do, one message too many is sent. */
const MARK_LENGTH = 6;

/** Stands for an event type in a cursor, which is too small a place for its name. */
export const typeMark = ({ source, type }: EventTypeKey): string =>
  createHash('sha256')
    .update(JSON.stringify([source, type]))
    .digest('base64url')
    .slice(0, MARK_LENGTH);

/**
 * The cursor that is stored in place of `from`, with the types of the code that has seen what lies behind it.
 * @param own marks of the types that this code takes; undefined where nobody asks
 */
export function noteSeenBy(from: Cursor, next: Cursor, own: readonly string[] = []): Cursor {
  const { seenTypes: _, ...counts } = next;
  if (next.processed >= next.seen) return counts;
  const known = from.processed < from.seen ? (from.seenTypes ?? []) : [];
  const seeing = next.seen > from.seen || known.length > 0 ? own : [];
  const seenTypes = [...new Set([...known, ...seeing])].toSorted();
  return seenTypes.length === 0 ? counts : { ...counts, seenTypes };
}

/** Whether code that has seen the event may have deleted its message, since it takes the type. */
export const isTakenByThoseWhoSaw = (
  { processed, seen, seenTypes = [] }: Cursor,
  event: EventTypeKey & { readonly sequence: number },
): boolean => processed < seen && event.sequence <= seen && seenTypes.length > 0 && seenTypes.includes(typeMark(event));

/** Whether the cursor tells already that this code has seen what lies behind it, or nobody tells that. */
export const knowsOf = ({ processed, seen, seenTypes }: Cursor, own: readonly string[] = []): boolean =>
  processed >= seen || seenTypes === undefined || own.every((mark) => seenTypes.includes(mark));
