import { type EventTypeKey, isBeyondDeployment } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import {
  advance,
  type BlockedCursor,
  type Blocker,
  blockedBy,
  type Cursor,
  type FailureReason,
  type ReceiveLimit,
  withSeen,
} from './cursor.ts';

/** A received message of the group. */
export interface Arrival extends EventTypeKey {
  readonly sequence: number;
  /** Receives of the message, this one included. */
  readonly receiveCount: number;
  /** Whether this code handles the event's type. During a deployment, older and newer code handle different types. */
  readonly isTaken: boolean;
}

export type Decision =
  /** The event is at or before the cursor. If it was handled, delete the message. */
  | { readonly kind: 'past' }
  /**
   * The group is blocked by an earlier event, or paused. Store `cursor`, then delete the message; the log keeps the
   * event.
   */
  | { readonly kind: 'wait'; readonly cursor: Cursor }
  /** The group is paused, and only the message leads to the event: this code does not handle its type. Keep the message. */
  | { readonly kind: 'keep' }
  /** It is the event's turn. If `mark` is set, store it first, because the event may crash the process. */
  | { readonly kind: 'try'; readonly mark: BlockedCursor | undefined }
  /** It is the event's turn, but this code does not handle its type. Wait: a deployment may bring the code. */
  | { readonly kind: 'unknown' }
  /**
   * The maximum deployment time has passed, and no code handles the blocking event. Store `cursor` and continue after
   * it.
   */
  | { readonly kind: 'unblock'; readonly cursor: Cursor; readonly blocker: Blocker }
  /** It is the event's turn, but no attempt can succeed. SQS must move its message to the DLQ. */
  | { readonly kind: 'give-up' }
  /** An earlier event is next and has no message here. Process it from the log. */
  | { readonly kind: 'process-earlier'; readonly how: EarlierAction };

/**
 * What to do with an earlier event: `try` processes it from the log. `resend` sends it its own message, because this
 * message was received before and the event may have crashed the process.
 */
export type EarlierAction = 'try' | 'resend';

export const earlierAction = ({ receiveCount }: Pick<Arrival, 'receiveCount'>): EarlierAction =>
  receiveCount <= 1 ? 'try' : 'resend';

export interface Situation {
  readonly cursor: Cursor;
  readonly arrival: Arrival;
  /** The first event after `processed` that the consumer handles; at most the arrival's sequence. */
  readonly next: number;
  readonly limit: ReceiveLimit;
  readonly now: EpochMs;
  /** Whether this code handles the type of the blocking event. */
  readonly isBlockerTaken: boolean;
}

/** Whether an event between the cursor and the arrival may be unprocessed, and no known event blocks the group. */
export const mayMiss = ({ processed, blockedBy: blocker }: Cursor, sequence: number): boolean =>
  sequence > processed + 1 && !(blocker !== undefined && sequence >= blocker.sequence);

/** Decides what to do with a message. A pure function, checked exhaustively by property tests. */
export function decide({ cursor, arrival, next, limit, now, isBlockerTaken }: Situation): Decision {
  const { processed, blockedBy: blocker } = cursor;
  const { sequence, receiveCount, source, type } = arrival;
  if (sequence <= processed) return { kind: 'past' };
  if (cursor.paused !== undefined) {
    return arrival.isTaken ? { kind: 'wait', cursor: seenWhilePaused(cursor, sequence) } : { kind: 'keep' };
  }
  if (!isBlockerTaken && canUnblock(blocker, sequence, now)) {
    if (next < blocker.sequence) return { kind: 'process-earlier', how: earlierAction(arrival) };
    return { kind: 'unblock', cursor: advance(withSeen(cursor, sequence), blocker.sequence), blocker };
  }
  if (blocker !== undefined && sequence > blocker.sequence) {
    return { kind: 'wait', cursor: withSeen(cursor, sequence) };
  }
  if (next < sequence) return { kind: 'process-earlier', how: earlierAction(arrival) };
  const known = blocker?.sequence === sequence ? blocker : undefined;
  // a first receive means that the message was redriven or resent: try the event again
  if (receiveCount > 1 && known?.permanent) return { kind: 'give-up' };
  if (!arrival.isTaken) return { kind: 'unknown' };
  if (receiveCount <= 1) return { kind: 'try', mark: undefined };
  const suspect = {
    sequence,
    source,
    type,
    attempts: receiveCount,
    reason: known?.reason ?? CRASHED,
    permanent: false,
    ...(known?.deferred === true && DEFERRED),
  };
  return { kind: 'try', mark: blockedBy(cursor, suspect, limit, now) };
}

/** A dead letter that arrives was redriven. Its message is deleted, so the group's end of the pause must resend it. */
function seenWhilePaused(cursor: Cursor, sequence: number): Cursor {
  const { blockedBy: blocker } = cursor;
  const isRedriven = blocker?.sequence === sequence && blocker.state === 'dead';
  const next = withSeen(cursor, sequence);
  return isRedriven ? { ...next, blockedBy: { ...blocker, attempts: 0, state: 'retrying', permanent: false } } : next;
}

export const DEFERRED = { deferred: true } as const;

/**
 * Returns true if the group can skip the blocking event: the code does not handle its type and the maximum deployment
 * time has passed. Before that, newer code may have blocked the group while this is an execution of the old code.
 */
export const canUnblock = (blocker: Blocker | undefined, sequence: number, now: EpochMs): blocker is Blocker =>
  blocker !== undefined && sequence >= blocker.sequence && isBeyondDeployment(blocker.since, now);

/** The reason if an execution ended without a result. */
export const CRASHED: FailureReason = {
  code: 'EXECUTION_DIED',
  message: 'a previous execution ended without a result: crash, timeout, out of memory, or host failure',
};

/**
 * Whether an event may crash the process: its message was received before, it is its turn, and no failure is recorded.
 * `repeated`: the group was already blocked by it as a suspect, and that execution also ended without a result.
 */
export type CrashSuspect = 'none' | 'once' | 'repeated';

/** @param cursor undefined if the group has none yet */
export function crashSuspectOf(
  cursor: Cursor | undefined,
  { sequence, receiveCount }: Pick<Arrival, 'sequence' | 'receiveCount'>,
): CrashSuspect {
  const blocker = cursor?.blockedBy;
  if (receiveCount <= 1) return 'none';
  // an event at or before the cursor is usually a duplicate, but it may have been passed without handling
  if (blocker === undefined || sequence < blocker.sequence) return 'once';
  return sequence === blocker.sequence && blocker.reason.code === CRASHED.code ? 'repeated' : 'none';
}
