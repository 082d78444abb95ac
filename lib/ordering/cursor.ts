import type { EpochMs } from '../shared/time.ts';

/** Why an event failed, small enough to be stored. */
export interface FailureReason {
  readonly code: string;
  readonly message: string;
}

/** The event that a group waits for. */
export interface WaitingFor {
  readonly sequence: number;
  /** Source and type of the event; absent in cursors of older code: the log has them. */
  readonly source?: string;
  readonly type?: string;
  /** When the group began to wait for it. */
  readonly since: EpochMs;
  /** Receives of its message so far; it starts anew after a redrive. */
  readonly attempts: number;
  readonly reason: FailureReason;
  /** `dead`: nothing is tried any more, or the last permitted receive is under way; SQS moves its message to the DLQ. */
  readonly state: 'retrying' | 'dead';
  /** No further receive tries it: it is on its quick way to the DLQ. */
  readonly permanent: boolean;
  /** Whether one of these receives ended with a wait that says nothing against the event. @default false */
  readonly deferred?: boolean;
}

/** How far a consumer has come in a group. */
export interface Cursor {
  /** The last sequence that is dealt with. */
  readonly processed: number;
  /** The highest sequence whose message has been seen. */
  readonly seen: number;
  readonly waitingFor: WaitingFor | undefined;
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

export const startAt = (firstSequence: number): Cursor => ({
  processed: firstSequence - 1,
  seen: firstSequence - 1,
  waitingFor: undefined,
  generation: 0,
  revision: 0,
});
