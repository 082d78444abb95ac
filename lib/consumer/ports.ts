import type { Context } from 'aws-lambda';
import type { EventRecord, GuardedWrite } from '../outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';
import type { Blocker, Cursor, GroupPause } from './cursor.ts';
import type { FailureNote } from './failure-notes.ts';

/** Stores a consumer's cursors. */
export interface CursorStore {
  /** Reads the cursors of these groups. Groups without a cursor are absent. MUST see every completed write. */
  read(groups: readonly string[]): Promise<ReadonlyMap<string, Cursor>>;
  /**
   * Replaces `current` by `next`. MUST change nothing and return `conflict` unless the stored revision is still
   * `current.revision`. The stored revision increases by one.
   */
  save(group: string, current: Cursor, next: Cursor): Promise<'saved' | 'conflict'>;
  /** The same change as part of a transaction. */
  change(group: string, current: Cursor, next: Cursor): GuardedWrite;
}

/** A sequence of a group for which the log has an entry. */
export type LogPlace = Pick<EventRecord, 'sequence' | 'committedAt' | 'expires' | 'previousExpires'>;

export interface LoggedEvent extends Omit<EventRecord, 'group'> {
  readonly kind: 'event';
}

/** Sequences of a group that the log does not show, both ends included. */
export interface MissingPlaces {
  readonly from: number;
  readonly to: number;
}

/** A sequence that an operator has marked as empty. */
export interface LogTombstone extends LogPlace {
  readonly kind: 'tombstone';
}

export type LogEntry = LoggedEvent | LogTombstone;

/** The end of a group's log. */
export interface LogEnd {
  /** The last used sequence of the group. */
  readonly last: number;
  /** When all events up to it have expired at the latest; undefined if not known. */
  readonly lastExpires: EpochSeconds | undefined;
}

/** The outbox log, the source of truth for a group's events. */
export interface EventLog {
  /**
   * The group's entries with `after < sequence <= upTo`, in order, at most one page; empty only if there are none. Not
   * a snapshot of a transaction: it MAY show an event and, for a moment, miss an earlier one although both are
   * committed.
   */
  read(group: string, after: number, upTo: number): Promise<readonly LogEntry[]>;
  /** The first entries with `from <= sequence <= upTo`, at most `limit`, under the same terms. */
  places(group: string, from: number, upTo: number, limit: number): Promise<readonly LogPlace[]>;
  /** Undefined for a group without a head. */
  end(group: string): Promise<LogEnd | undefined>;
}

/** The consumer's own queue. */
export interface ConsumerQueue {
  /** Sends an event's message again, in its group. MUST be durable when it resolves. */
  resend(group: string, body: string): Promise<void>;
  /**
   * Hides a received message for `delaySeconds` more, 0 to 43200.
   * @returns 'stale' if the receipt handle is no longer valid: the message was deleted, moved or received again
   */
  changeVisibility(receiptHandle: string, delaySeconds: number): Promise<'changed' | 'stale'>;
  /**
   * Deletes received messages before the invocation ends, in case it fails. MUST NOT throw if a message cannot be
   * deleted: it is received again.
   */
  delete(receiptHandles: readonly string[]): Promise<void>;
  /** When the queue was created, which is the consumer's first deployment. */
  createdAt(): Promise<EpochMs>;
}

/** A group that is blocked by an event. */
export interface WaitingGroup {
  readonly group: string;
  readonly cursor: Cursor & { readonly blockedBy: Blocker };
}

/** Lists a consumer's blocked groups. */
export interface WaitingGroups {
  /** Page by page, longest wait first. It MAY miss recent changes. */
  list(): AsyncIterable<readonly WaitingGroup[]>;
}

/** A group that an operator has paused. */
export interface PausedGroup {
  readonly group: string;
  readonly cursor: Cursor & { readonly paused: GroupPause };
}

/** Lists a consumer's paused groups. */
export interface PausedGroups {
  /** Page by page, in no order. It MAY miss recent changes. */
  list(): AsyncIterable<readonly PausedGroup[]>;
}

/** Identifies an event by CloudEvents' unique pair. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
  /** Raised by a replay that repeats effects. @default 0 */
  readonly generation?: number;
}

/** The right of this execution to handle the event. */
export interface InboxClaim {
  /**
   * Completes the event's record. It is part of the handler's transaction, and is refused if another execution has claimed
   * or handled the event.
   */
  readonly completion: GuardedWrite;
  /**
   * Rejects if another execution has claimed or handled the event. An effect MUST call it before it runs its work again
   * after a failure, and reject with the same error.
   */
  readonly assertOpen: (failure: unknown) => Promise<void>;
}

/** Records, per consumer, which events were handled. */
export interface Inbox {
  /**
   * Has the effect of an event once.
   *
   * - `effect` MUST commit `claim.completion` together with its writes, return only after that commit, and reject with the
   *   error of a refused completion.
   * - Of all completions of one event, at most one MUST be committed.
   * - An inbox that claims before the effect MUST NOT run two effects of one event at a time, nor the effect of a handled
   *   event, and MUST grant a new claim only after the time of the execution that holds the old one has ended.
   * - An inbox that claims with the commit MAY run effects side by side, and the effect of a handled event.
   * - Whatever an effect fails with, `once` MUST resolve to 'duplicate' if the event was handled. Otherwise the event MUST be
   *   open again, and `once` rejects with the error of `effect`.
   *
   * @param context of the running invocation: its remaining time limits a claim
   * @throws InboxBusyError `INBOX_BUSY` while another execution holds the claim, even if it has crashed
   */
  once(
    event: EventIdentity,
    effect: (claim: InboxClaim) => Promise<void>,
    context: Context,
  ): Promise<'handled' | 'duplicate'>;
}

/** A consumer's inbox record of an event. */
export type InboxRecord =
  | {
      readonly status: 'completed';
      /** Commit time of the handler's writes, to the second. */
      readonly at: EpochMs;
      /** Why its handler skipped it; absent if it was handled. */
      readonly skipped?: string;
    }
  | {
      readonly status: 'in-progress';
      /** When the execution's claim ends. After that, the execution has crashed. */
      readonly until: EpochMs;
    };

/** Reads inbox records for operators. */
export interface InboxRecords {
  /** MUST see every completed write. Undefined if the event was not handled, or its record has expired. */
  find(event: EventIdentity): Promise<InboxRecord | undefined>;
}

/** Answers for many events whether a consumer has handled them. */
export interface HandledEvents {
  /** @returns those of the events that were handled, in their order. MUST see every completed write. */
  among<Event extends EventIdentity>(events: readonly Event[]): Promise<readonly Event[]>;
  /** @returns those of the events that their handler skipped, which `among` includes, under the same terms */
  skippedAmong<Event extends EventIdentity>(events: readonly Event[]): Promise<readonly Event[]>;
}

/** Reads the failure notes of many events. */
export interface NotedFailures {
  /** @returns those that exist, in any order. MUST see every completed write. */
  among(subjects: readonly string[]): Promise<readonly FailureNote[]>;
}
