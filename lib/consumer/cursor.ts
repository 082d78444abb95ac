import { createHash } from 'node:crypto';
import type { EventTypeKey } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';

/** Why an event failed; bounded for storage. */
export interface FailureReason {
  readonly code: string;
  readonly message: string;
}

/** The event that blocks a group. */
export interface Blocker {
  readonly sequence: number;
  /** Source and type of the event. Absent in cursors of older releases; the log has them. */
  readonly source?: string;
  readonly type?: string;
  /** When the event blocked the group. */
  readonly since: EpochMs;
  /** Receives of its message so far. A redrive restarts the count. */
  readonly attempts: number;
  readonly reason: FailureReason;
  /** `dead`: no further attempt, or the last permitted receive is in progress. SQS moves the message to the DLQ. */
  readonly state: 'retrying' | 'dead';
  /** No further receive tries the event. SQS will move its message to the DLQ. */
  readonly permanent: boolean;
  /** Whether one of these receives was deferred for a reason outside the event. @default false */
  readonly deferred?: boolean;
}

/** An operator's pause of a group. */
export interface GroupPause {
  readonly since: EpochMs;
  readonly by: string;
  readonly reason: string;
}

/** A replay of a group by an operator. It stays in the cursor after its end. */
export interface GroupReplay {
  /** Identifies the operator's run. A group is replayed once by it. */
  readonly run: string;
  /** The last sequence that is replayed. */
  readonly upTo: number;
  /** What the consumer had processed when the replay began: after `upTo` it continues behind it. */
  readonly resumeAfter: number;
  readonly since: EpochMs;
  readonly by: string;
  readonly reason: string;
}

/** The progress of a consumer in a group. */
export interface Cursor {
  /** The last sequence that needs no more work. */
  readonly processed: number;
  /** The highest sequence of which a message was received. */
  readonly seen: number;
  readonly blockedBy: Blocker | undefined;
  /** While it is set, arriving events are only recorded as seen. Absent if the group is not paused. */
  readonly paused?: GroupPause | undefined;
  /**
   * When the consumer changed from `fifo` to `strict`. Set when every event after `processed` was committed later, so
   * that none of them was handled without a cursor.
   */
  readonly strictSince?: EpochMs | undefined;
  /**
   * Hashes of the event types handled by the code that saw the events after `processed`. That code may have deleted
   * their messages. Absent if there are no such events, and in cursors of older releases.
   */
  readonly seenTypes?: readonly string[] | undefined;
  /** The last replay of the group; absent if there was none. */
  readonly replay?: GroupReplay | undefined;
  /** Raised by a replay, so that handled events are handled again. */
  readonly generation: number;
  /** Number of changes. Each change requires the current revision. 0: not stored yet. */
  readonly revision: number;
}

/** The cursor of a blocked group. */
export type BlockedCursor = Cursor & { readonly blockedBy: Blocker };

/** The number of receives after which SQS moves a message to the DLQ. */
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

/** Moves the cursor to an event that needs no more work: it was handled, a duplicate, or not subscribed. */
export function advance(cursor: Cursor, sequence: number): Cursor {
  const { blockedBy: blocker, replay } = cursor;
  const isBlocked = blocker !== undefined && blocker.sequence > sequence;
  // what comes after the replayed events was handled before
  const isReplayed = replay !== undefined && sequence >= replay.upTo && sequence < replay.resumeAfter;
  const processed = isReplayed ? replay.resumeAfter : sequence;
  return { ...withSeen(cursor, processed), processed, blockedBy: isBlocked ? blocker : undefined };
}

/** Whether the cursor's replay handles the event again. */
export const isReplayOf = ({ replay }: Pick<Cursor, 'replay'>, sequence: number): boolean =>
  replay !== undefined && sequence <= replay.upTo;

export const withSeen = (cursor: Cursor, sequence: number): Cursor => ({
  ...cursor,
  seen: Math.max(cursor.seen, sequence),
});

/** Blocks the group by the event, or keeps it blocked. */
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

/** Whether seen events wait to be processed from the log. */
export const canDrain = ({ processed, seen, blockedBy: blocker, paused }: Cursor): boolean =>
  blocker === undefined && paused === undefined && processed < seen;

/** 36 bits. A collision of two types of one consumer is very unlikely and only causes an extra message. */
const HASH_LENGTH = 6;

/** Identifies an event type in a cursor. The full name would make the cursor too large. */
export const typeHash = ({ source, type }: EventTypeKey): string =>
  createHash('sha256')
    .update(JSON.stringify([source, type]))
    .digest('base64url')
    .slice(0, HASH_LENGTH);

/**
 * Adds the types of the code that saw the events after `next.processed`.
 * @param own hashes of the types that this code handles; undefined if the types are not recorded
 */
export function withSeenTypes(from: Cursor, next: Cursor, own: readonly string[] = []): Cursor {
  const { seenTypes: _, ...counts } = next;
  if (next.processed >= next.seen) return counts;
  const known = from.processed < from.seen ? (from.seenTypes ?? []) : [];
  const seeing = next.seen > from.seen || known.length > 0 ? own : [];
  const seenTypes = [...new Set([...known, ...seeing])].toSorted();
  return seenTypes.length === 0 ? counts : { ...counts, seenTypes };
}

/** Whether the code that saw the event handles its type, and so may have deleted its message. */
export const isSeenByTaker = (
  { processed, seen, seenTypes = [] }: Cursor,
  event: EventTypeKey & { readonly sequence: number },
): boolean => processed < seen && event.sequence <= seen && seenTypes.length > 0 && seenTypes.includes(typeHash(event));

/** Whether the cursor already records that this code saw the events after it, or records no types. */
export const hasSeenTypes = ({ processed, seen, seenTypes }: Cursor, own: readonly string[] = []): boolean =>
  processed >= seen || seenTypes === undefined || own.every((mark) => seenTypes.includes(mark));
