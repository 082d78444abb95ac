import type { OutOfOrder } from './arrival-order.ts';
import type { BatchContext, StrictOrdering } from './batch.ts';
import type { Failure } from './error-policy.ts';
import type { GroupCursor } from './group-cursor.ts';
import type { TakenEvents } from './log-reader.ts';
import type { GroupMessage } from './message.ts';
import type { LoggedEvent } from './ports.ts';

/** A group during one invocation: its cursor, its log, and what this execution has done. */
export interface GroupWork {
  readonly group: string;
  readonly strict: StrictOrdering;
  readonly batch: BatchContext;
  readonly cursor: GroupCursor;
  readonly log: TakenEvents;
  /** Whether the consumer handles an event of the log, or has a message of it in the batch. */
  readonly isWanted: (event: LoggedEvent) => boolean;
  /** Hashes of the event types that this code handles. */
  readonly ownTypes: readonly string[];
  /** Events that were handled in this execution. Other messages may arrive for the same events. */
  readonly handled: Set<string>;
  /** The event that failed and has a message in the queue. Further messages of it are deleted. */
  failedInQueue: string | undefined;
}

/**
 * What happens to a message. `delete` deletes it. `return` returns it to the queue until its visibility timeout ends.
 * `blocked` also returns it, and stops processing of the group.
 */
export type MessageResult = 'delete' | 'return' | 'blocked';

/**
 * Result of one step: a final result, `continue`, `overtaken` (another execution changed the cursor), or a failed
 * event.
 */
export type Step = MessageResult | 'continue' | 'overtaken' | { readonly failed: Failure };

/** The processing state of one message of a group. */
export interface Delivery {
  readonly message: GroupMessage;
  /** The messages that were received after it in the batch. */
  readonly later: readonly GroupMessage[];
  /** Whether its own event needs no more work. Only the events in the log after it remain. */
  isOwnDone: boolean;
  /** Whether it has caused an earlier event to be processed, which means that the log was read. */
  hasProcessedEarlier: boolean;
  /**
   * What happens to the message when the group cannot continue, or why it is processed out of order. Undefined: it is
   * deleted if this code handles its event, and waits otherwise.
   */
  outcome: 'delete' | 'return' | OutOfOrder | undefined;
}
