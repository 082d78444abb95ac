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

/** A message of the group, as the queue gave it. */
export interface Arrival extends EventTypeKey {
  readonly sequence: number;
  /** How often the queue has given it out, this time included. */
  readonly receiveCount: number;
  /** Whether this code takes its event: the code before a deployment knows fewer types, and so may the one after it. */
  readonly isTaken: boolean;
}

export type Decision =
  /** The cursor is past the event. If it was handled: delete the message. */
  | { readonly kind: 'past' }
  /** The group waits for an earlier event: store `cursor`, then delete the message; the log keeps the event. */
  | { readonly kind: 'behind'; readonly cursor: Cursor }
  /** It is the event's turn. With `mark`: store it first, because the event may crash the process. */
  | { readonly kind: 'try'; readonly mark: BlockedCursor | undefined }
  /** It is the event's turn, and this code does not know its type: it waits, because a deployment may bring the code. */
  | { readonly kind: 'unknown' }
  /** The group has waited long enough for an event that no code takes: store `cursor`, and go on behind it. */
  | { readonly kind: 'unblock'; readonly cursor: Cursor; readonly blocker: Blocker }
  /** It is the event's turn, but nothing can make it succeed: SQS is to move its message to the DLQ. */
  | { readonly kind: 'give-up' }
  /** An earlier event comes first, and its message has not arrived: this message carries it. */
  | { readonly kind: 'carry'; readonly how: Carrying };

/**
 * How a message carries an event that is not its own: `try` it, from the log; or, if the message has come before,
 * `resend` it, because the event may have crashed the process: it gets a message of its own.
 */
export type Carrying = 'try' | 'resend';

export const carrying = ({ receiveCount }: Pick<Arrival, 'receiveCount'>): Carrying =>
  receiveCount <= 1 ? 'try' : 'resend';

export interface Situation {
  readonly cursor: Cursor;
  readonly arrival: Arrival;
  /** The first event after `processed` that the consumer takes; not beyond the arrival. */
  readonly next: number;
  readonly limit: ReceiveLimit;
  readonly now: EpochMs;
  /** Whether this code takes the event that blocks the group. */
  readonly isBlockerTaken: boolean;
}

/** Decides what to do with a message. Pure: explored exhaustively by property tests. */
export function decide({ cursor, arrival, next, limit, now, isBlockerTaken }: Situation): Decision {
  const { processed, blockedBy: blocker } = cursor;
  const { sequence, receiveCount, source, type } = arrival;
  if (sequence <= processed) return { kind: 'past' };
  if (!isBlockerTaken && canUnblock(blocker, sequence, now)) {
    if (next < blocker.sequence) return { kind: 'carry', how: carrying(arrival) };
    return { kind: 'unblock', cursor: advance(withSeen(cursor, sequence), blocker.sequence), blocker };
  }
  if (blocker !== undefined && sequence > blocker.sequence) {
    return { kind: 'behind', cursor: withSeen(cursor, sequence) };
  }
  if (next < sequence) return { kind: 'carry', how: carrying(arrival) };
  const known = blocker?.sequence === sequence ? blocker : undefined;
  // a first receive means that the message was redriven or resent: the event gets a fresh chance
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

export const DEFERRED = { deferred: true } as const;

/**
 * Whether a group that is blocked by an event of a type that the code at work does not take need wait no longer. Until a
 * deployment can no longer be under way, the event may be one that newer code marked, while this is an execution of the
 * old.
 */
export const canUnblock = (blocker: Blocker | undefined, sequence: number, now: EpochMs): blocker is Blocker =>
  blocker !== undefined && sequence >= blocker.sequence && isBeyondDeployment(blocker.since, now);

/** All that is known of an event whose execution ended without a word. */
export const CRASHED: FailureReason = {
  code: 'EXECUTION_DIED',
  message: 'an earlier execution ended without a word: it crashed, ran out of time or memory, or lost its machine',
};

/**
 * Whether an event may crash the process: its message comes again, it is its turn, and no failure of it is known.
 * `repeated`: it was marked before it was tried, and that execution ended without a word, too.
 */
export type CrashSuspect = 'none' | 'once' | 'repeated';

/** @param cursor undefined where the group has none yet */
export function crashSuspectOf(
  cursor: Cursor | undefined,
  { sequence, receiveCount }: Pick<Arrival, 'sequence' | 'receiveCount'>,
): CrashSuspect {
  const blocker = cursor?.blockedBy;
  if (receiveCount <= 1) return 'none';
  // what the cursor is past is most often a duplicate, but it may be an event that it went past in vain, handled now
  if (blocker === undefined || sequence < blocker.sequence) return 'once';
  return sequence === blocker.sequence && blocker.reason.code === CRASHED.code ? 'repeated' : 'none';
}
