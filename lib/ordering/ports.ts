import type { GuardedWrite } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Cursor, WaitingFor } from './cursor.ts';

/** Where a consumer's cursors are kept. */
export interface CursorStore {
  /** The cursors of these groups; a group without one is not in the answer. MUST see every acknowledged change. */
  read(groups: readonly string[]): Promise<ReadonlyMap<string, Cursor>>;
  /**
   * Stores `next` in place of `current`. MUST change nothing and answer `conflict` unless what is stored is still of
   * `current.revision`; the stored cursor's revision is one higher.
   */
  save(group: string, current: Cursor, next: Cursor): Promise<'saved' | 'conflict'>;
  /** The same change as a part of a transaction. */
  change(group: string, current: Cursor, next: Cursor): GuardedWrite;
}

export interface LoggedEvent {
  readonly sequence: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The serialized event. */
  readonly body: string;
  readonly committedAt: EpochMs;
}

/** The outbox log, the truth about what a group holds. */
export interface EventLog {
  /**
   * The group's events with `after < sequence <= upTo`, in order, a page at most; empty only when there is none. MUST
   * see every event whose commit was acknowledged before the call.
   */
  read(group: string, after: number, upTo: number): Promise<readonly LoggedEvent[]>;
  /** The sequence of the group's oldest event that was not committed before `instant`; undefined when there is none. */
  firstSince(group: string, instant: EpochMs): Promise<number | undefined>;
}

/** The consumer's queue, as the one who works on a message needs it. */
export interface Bell {
  /** Sends an event's message to the queue again, in its group. MUST be durable when it resolves. */
  ring(group: string, body: string): Promise<void>;
  /** Hides a received message for `delaySeconds`, 0 to 43200. @returns 'gone' when the receipt is no longer good */
  hide(receiptHandle: string, delaySeconds: number): Promise<'hidden' | 'gone'>;
  /**
   * Deletes received messages before the invocation ends, in case it does not end well. What cannot be deleted comes
   * again: MUST NOT throw for it.
   */
  acknowledge(receiptHandles: readonly string[]): Promise<void>;
  /** When the queue was created: the consumer's deployment. */
  createdAt(): Promise<EpochMs>;
}

/** A group that waits for an event. */
export interface WaitingGroup {
  readonly group: string;
  readonly cursor: Cursor & { readonly waitingFor: WaitingFor };
}

/** Which of a consumer's groups wait. */
export interface WaitingGroups {
  /** Page by page, those that wait longest first; it MAY miss what changed a moment ago. */
  list(): AsyncIterable<readonly WaitingGroup[]>;
}
