import type { Context } from 'aws-lambda';
import type { EventRecord, GuardedWrite } from '../outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';
import type { Blocker, Cursor } from './cursor.ts';

/** Where a consumer's cursors are kept. */
export interface CursorStore {
  /** The cursors of these groups; a group without one is not in the answer. MUST see every completed write. */
  read(groups: readonly string[]): Promise<ReadonlyMap<string, Cursor>>;
  /**
   * Stores `next` in place of `current`. MUST change nothing and answer `conflict` unless what is stored is still of
   * `current.revision`; the stored cursor's revision is one higher.
   */
  save(group: string, current: Cursor, next: Cursor): Promise<'saved' | 'conflict'>;
  /** The same change as a part of a transaction. */
  change(group: string, current: Cursor, next: Cursor): GuardedWrite;
}

/** A place of a group in the log that is not missing. */
export type LogPlace = Pick<EventRecord, 'sequence' | 'committedAt' | 'expires' | 'previousExpires'>;

export interface LoggedEvent extends Omit<EventRecord, 'group'> {
  readonly kind: 'event';
}

/** Places of a group that the log does not show, both ends included. */
export interface MissingPlaces {
  readonly from: number;
  readonly to: number;
}

/** A place that an operator has marked as empty for good. */
export interface LogTombstone extends LogPlace {
  readonly kind: 'tombstone';
}

export type LogEntry = LoggedEvent | LogTombstone;

/** How far a group has been published. */
export interface LogEnd {
  /** The last sequence that the group has used. */
  readonly last: number;
  /** By when retention may have taken every event up to there; undefined where that is not known. */
  readonly lastExpires: EpochSeconds | undefined;
}

/** The outbox log, the truth about what a group holds. */
export interface EventLog {
  /**
   * The group's entries with `after < sequence <= upTo`, in order, a page at most; empty only when there is none. It is
   * no snapshot of a transaction: it MAY show an event and miss an earlier one for a moment, though both are committed.
   */
  read(group: string, after: number, upTo: number): Promise<readonly LogEntry[]>;
  /** The first places with `from <= sequence <= upTo`, `limit` at most, under the same terms. */
  places(group: string, from: number, upTo: number, limit: number): Promise<readonly LogPlace[]>;
  /** Undefined for a group without a head. */
  end(group: string): Promise<LogEnd | undefined>;
}

/** The consumer's own queue. */
export interface ConsumerQueue {
  /** Sends an event's message again, in its group. MUST be durable when it resolves. */
  resend(group: string, body: string): Promise<void>;
  /**
   * Keeps a received message invisible for `delaySeconds` more, 0 to 43200.
   * @returns 'gone' when the receipt is no longer valid: the message was deleted, moved or received again
   */
  changeVisibility(receiptHandle: string, delaySeconds: number): Promise<'changed' | 'gone'>;
  /**
   * Deletes received messages before the invocation ends, in case it fails. A message that cannot be deleted comes
   * again: MUST NOT throw for it.
   */
  delete(receiptHandles: readonly string[]): Promise<void>;
  /** When the queue was created: the consumer's deployment. */
  createdAt(): Promise<EpochMs>;
}

/** A group that waits for an event. */
export interface WaitingGroup {
  readonly group: string;
  readonly cursor: Cursor & { readonly blockedBy: Blocker };
}

/** Which of a consumer's groups wait. */
export interface WaitingGroups {
  /** Page by page, those that wait longest first; it MAY miss what changed a moment ago. */
  list(): AsyncIterable<readonly WaitingGroup[]>;
}

/** What tells an event from every other: CloudEvents' unique pair. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
  /** Raised by a replay that means to repeat effects. @default 0 */
  readonly generation?: number;
}

/** This execution's right to let the event have its effect. */
export interface InboxClaim {
  /** Completes the event's record; it goes into the transaction of the effect, and holds while the claim is ours. */
  readonly completion: GuardedWrite;
}

/** Remembers per consumer which events have had their effect. */
export interface Inbox {
  /**
   * Runs `effect` unless the event had its effect before.
   *
   * - `effect` MUST commit `claim.completion` together with all that it does, and return only after that commit.
   * - The inbox MUST NOT give two live claims for one event, and MUST give a new one only after the time of the
   *   execution that holds the old one was up.
   * - When `effect` fails, the event MUST be open again unless the commit happened after all; the effect's own error
   *   is what `once` rejects with.
   * @param context of the running invocation: its remaining time bounds the claim
   * @throws InboxBusyError `INBOX_BUSY` while another execution has the claim, or died while it had it
   */
  once(
    event: EventIdentity,
    effect: (claim: InboxClaim) => Promise<void>,
    context: Context,
  ): Promise<'handled' | 'duplicate'>;
}

/** What a consumer's inbox knows of an event. */
export type InboxRecord =
  | {
      readonly status: 'completed';
      /** When its effect was committed, to the second. */
      readonly at: EpochMs;
    }
  | {
      readonly status: 'in-progress';
      /** Until when an execution has it; past that, it died. */
      readonly until: EpochMs;
    };

/** The inbox as operators read it. */
export interface InboxRecords {
  /** MUST see every completed write; undefined when the event is open, or forgotten. */
  find(event: EventIdentity): Promise<InboxRecord | undefined>;
}
