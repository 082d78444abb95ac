import { createHash } from 'node:crypto';
import type { EventTypeKey } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';

/** Why an event failed, small enough to be stored. */
export interface FailureReason {
  readonly code: string;
  readonly message: string;
}

/** The event that a group is blocked by. */
export interface Blocker {
  readonly sequence: number;
  /** Source and type of the event; absent in cursors of older code: the log has them. */
  readonly source?: string;
  readonly type?: string;
  /** When the group began to wait for it. */
  readonly since: EpochMs;
  /** Receives of its message so far; a redrive starts them anew. */
  readonly attempts: number;
  readonly reason: FailureReason;
  /** `dead`: nothing is tried any more, or the last permitted receive is under way; SQS moves its message to the DLQ. */
  readonly state: 'retrying' | 'dead';
  /** No further receive tries it: SQS moves its message to the DLQ soon. */
  readonly permanent: boolean;
  /** Whether one of these receives ended with a wait for something other than the event. @default false */
  readonly deferred?: boolean;
}

/** How far a consumer has come in a group. */
export interface Cursor {
  /** The last sequence that is dealt with. */
  readonly processed: number;
  /** The highest sequence whose message has been seen. */
  readonly seen: number;
  readonly blockedBy: Blocker | undefined;
  /**
   * Since when the consumer, once `fifo`, keeps order; noted where all behind `processed` was committed after that, so
   * that no event there was handled without a cursor.
   */
  readonly strictSince?: EpochMs | undefined;
  /**
   * Marks of the types that the code takes which has seen what lies behind `processed`, and may have deleted the messages.
   * Absent where nothing lies there, and in cursors of older code.
   */
  readonly seenTypes?: readonly string[] | undefined;
  /** Raised by a replay, so that what was handled before is handled again. */
  readonly generation: number;
  /** Counts the changes: each is made on condition that nobody made another. 0: not stored yet. */
  readonly revision: number;
}

/** A cursor whose group waits. */
export type BlockedCursor = Cursor & { readonly blockedBy: Blocker };

/** When a message has used up its receives. */
export interface ReceiveLimit {
  readonly maxReceiveCount: number;
}

export const startAt = (firstSequence: number): Cursor => ({
  processed: firstSequence - 1,
  seen: firstSequence - 1,
  blockedBy: undefined,
  generation: 0,
  revision: 0,
});

/** The event is dealt with: handled, a duplicate, or not taken by this consumer. */
export function advance(cursor: Cursor, sequence: number): Cursor {
  const isBlocked = cursor.blockedBy !== undefined && cursor.blockedBy.sequence > sequence;
  return { ...withSeen(cursor, sequence), processed: sequence, blockedBy: isBlocked ? cursor.blockedBy : undefined };
}

export const withSeen = (cursor: Cursor, sequence: number): Cursor => ({
  ...cursor,
  seen: Math.max(cursor.seen, sequence),
});

/** The group is blocked by the event from now on, or still is. */
export function blockedBy(
  cursor: Cursor,
  blocker: Omit<Blocker, 'since' | 'state'>,
  { maxReceiveCount }: ReceiveLimit,
  now: EpochMs,
): BlockedCursor {
  const known = cursor.blockedBy;
  const since = known?.sequence === blocker.sequence ? known.since : now;
  const state = blocker.permanent || blocker.attempts >= maxReceiveCount ? 'dead' : 'retrying';
  return { ...withSeen(cursor, blocker.sequence), blockedBy: { ...blocker, since, state } };
}

/** Whether events that have been seen wait to be taken from the log. */
export const canDrain = ({ processed, seen, blockedBy: blocker }: Cursor): boolean =>
  blocker === undefined && processed < seen;

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
export function withSeenTypes(from: Cursor, next: Cursor, own: readonly string[] = []): Cursor {
  const { seenTypes: _, ...counts } = next;
  if (next.processed >= next.seen) return counts;
  const known = from.processed < from.seen ? (from.seenTypes ?? []) : [];
  const seeing = next.seen > from.seen || known.length > 0 ? own : [];
  const seenTypes = [...new Set([...known, ...seeing])].toSorted();
  return seenTypes.length === 0 ? counts : { ...counts, seenTypes };
}

/** Whether code that has seen the event may have deleted its message, since it takes the type. */
export const isSeenByTaker = (
  { processed, seen, seenTypes = [] }: Cursor,
  event: EventTypeKey & { readonly sequence: number },
): boolean => processed < seen && event.sequence <= seen && seenTypes.length > 0 && seenTypes.includes(typeMark(event));

/** Whether the cursor says already that this code has seen what lies behind it, or no cursor says that. */
export const hasSeenTypes = ({ processed, seen, seenTypes }: Cursor, own: readonly string[] = []): boolean =>
  processed >= seen || seenTypes === undefined || own.every((mark) => seenTypes.includes(mark));
