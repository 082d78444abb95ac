import { type EventTypeKey, isBeyondDeployment } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Cursor, FailureReason, WaitingFor } from './cursor.ts';
import type { Suspicion } from './lane.ts';

/** A message of the group, as the queue gave it. */
export interface Arrival extends EventTypeKey {
  readonly sequence: number;
  /** How often the queue has given it out, this time included. */
  readonly receiveCount: number;
  /** Whether this code takes its event: the code before a deployment knows fewer types, and so may the one after it. */
  readonly isTaken: boolean;
}

export type Verdict =
  /** The cursor is past the event. If it was handled: acknowledge. */
  | { readonly kind: 'past' }
  /** The group waits for an earlier event: store `cursor`, then acknowledge; the log keeps the event. */
  | { readonly kind: 'behind'; readonly cursor: Cursor }
  /** It is the event's turn. With `mark`: store it first, since this event may be one that kills its process. */
  | { readonly kind: 'try'; readonly mark: WaitingCursor | undefined }
  /** It is the event's turn, and this code does not know its type: it waits, since a deployment may bring the code. */
  | { readonly kind: 'unknown' }
  /** The group has waited long enough for an event that no code takes: store `cursor`, and go on behind it. */
  | { readonly kind: 'release'; readonly cursor: Cursor; readonly from: WaitingFor }
  /** It is the event's turn, but nothing can make it succeed: let the queue have it. */
  | { readonly kind: 'give-up'; readonly waitingFor: WaitingFor }
  /** An earlier event comes first, and its message has not arrived: this message carries it. */
  | { readonly kind: 'carry'; readonly how: Carrying };

/**
 * How a message carries an event that is not its own: `try` it, from the log; or, if the message has come before,
 * `hand-over`, since that event may be what killed its process: it gets a message of its own.
 */
export type Carrying = 'try' | 'hand-over';

export const carrying = ({ receiveCount }: Pick<Arrival, 'receiveCount'>): Carrying =>
  receiveCount <= 1 ? 'try' : 'hand-over';

/**
 * What to do with a message. Pure: explored exhaustively by property tests.
 * @param next the first event after `processed` that the consumer takes; not beyond the arrival
 * @param isBlockerTaken whether this code takes what the group waits for
 */
export function judge(
  cursor: Cursor,
  arrival: Arrival,
  next: number,
  limits: Limits,
  now: EpochMs,
  isBlockerTaken: boolean,
): Verdict {
  const { processed, waitingFor } = cursor;
  const { sequence, receiveCount, source, type } = arrival;
  if (sequence <= processed) return { kind: 'past' };
  if (!isBlockerTaken && isReleasable(waitingFor, sequence, now)) {
    if (next < waitingFor.sequence) return { kind: 'carry', how: carrying(arrival) };
    return { kind: 'release', cursor: advance(withSeen(cursor, sequence), waitingFor.sequence), from: waitingFor };
  }
  if (waitingFor !== undefined && sequence > waitingFor.sequence) {
    return { kind: 'behind', cursor: withSeen(cursor, sequence) };
  }
  if (next < sequence) return { kind: 'carry', how: carrying(arrival) };
  const known = waitingFor?.sequence === sequence ? waitingFor : undefined;
  // a first receive means that somebody redrove it, or rang for it: it gets a fresh chance
  if (receiveCount > 1 && known?.permanent) return { kind: 'give-up', waitingFor: known };
  if (!arrival.isTaken) return { kind: 'unknown' };
  if (receiveCount <= 1) return { kind: 'try', mark: undefined };
  const reason = known?.reason ?? NO_WORD;
  return {
    kind: 'try',
    mark: waitFor(
      cursor,
      {
        sequence,
        source,
        type,
        attempts: receiveCount,
        reason,
        permanent: false,
        ...(known?.deferred === true && DEFERRED),
      },
      limits,
      now,
    ),
  };
}

export const DEFERRED = { deferred: true } as const;

/**
 * Whether a group that waits for an event of a type that the code at work does not take need wait no longer. Until a
 * deployment can no longer be under way, the event may be one that newer code marked, while this is an execution of the
 * old.
 */
export const isReleasable = (
  waitingFor: WaitingFor | undefined,
  sequence: number,
  now: EpochMs,
): waitingFor is WaitingFor =>
  waitingFor !== undefined && sequence >= waitingFor.sequence && isBeyondDeployment(waitingFor.since, now);

/** When a message has used up its receives. */
export interface Limits {
  readonly maxReceiveCount: number;
}

/** All that is known of an event whose execution ended without a word. */
export const NO_WORD: FailureReason = {
  code: 'EXECUTION_DIED',
  message: 'an earlier execution ended without a word: it crashed, ran out of time or memory, or lost its machine',
};

/** @param cursor undefined where the group has none yet */
export function suspicionOf(
  cursor: Cursor | undefined,
  { sequence, receiveCount }: Pick<Arrival, 'sequence' | 'receiveCount'>,
): Suspicion {
  const waitingFor = cursor?.waitingFor;
  if (receiveCount <= 1) return 'none';
  // what the cursor is past is most often a duplicate, but it may be an event that it went past in vain, handled now
  if (waitingFor === undefined || sequence < waitingFor.sequence) return 'once';
  return sequence === waitingFor.sequence && waitingFor.reason.code === NO_WORD.code ? 'often' : 'none';
}

/** A cursor whose group waits. */
export type WaitingCursor = Cursor & { readonly waitingFor: WaitingFor };

export interface Failing extends Partial<EventTypeKey> {
  readonly sequence: number;
  readonly attempts: number;
  readonly reason: FailureReason;
  readonly permanent: boolean;
  readonly deferred?: boolean;
}

/** The group waits for the event from now on, or goes on waiting for it. */
export function waitFor(cursor: Cursor, failing: Failing, { maxReceiveCount }: Limits, now: EpochMs): WaitingCursor {
  const { waitingFor } = cursor;
  const since = waitingFor?.sequence === failing.sequence ? waitingFor.since : now;
  const state = failing.permanent || failing.attempts >= maxReceiveCount ? 'dead' : 'retrying';
  return { ...withSeen(cursor, failing.sequence), waitingFor: { ...failing, since, state } };
}

/** The event is dealt with: handled, a duplicate, or not taken by this consumer. */
export function advance(cursor: Cursor, sequence: number): Cursor {
  const waits = cursor.waitingFor !== undefined && cursor.waitingFor.sequence > sequence;
  return { ...withSeen(cursor, sequence), processed: sequence, waitingFor: waits ? cursor.waitingFor : undefined };
}

export const withSeen = (cursor: Cursor, sequence: number): Cursor => ({
  ...cursor,
  seen: Math.max(cursor.seen, sequence),
});

/** Whether events that have been seen wait to be taken from the log. */
export const canDrain = ({ processed, seen, waitingFor }: Cursor): boolean =>
  waitingFor === undefined && processed < seen;
