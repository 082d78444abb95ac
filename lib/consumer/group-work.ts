import type { OutOfOrder } from './arrival-order.ts';
import type { BatchContext, StrictOrdering } from './batch.ts';
import type { Failure } from './error-policy.ts';
import type { GroupCursor } from './group-cursor.ts';
import type { TakenEvents } from './log-reader.ts';
import type { GroupMessage } from './message.ts';
import type { LoggedEvent } from './ports.ts';

/** A group during one invocation: its cursor, its log, and what this execution knows by itself. */
export interface GroupWork {
  readonly group: string;
  readonly strict: StrictOrdering;
  readonly batch: BatchContext;
  readonly cursor: GroupCursor;
  readonly log: TakenEvents;
  /** Whether the consumer takes an event of the log, or has a message of it in the batch. */
  readonly isWanted: (event: LoggedEvent) => boolean;
  /** Marks of the types that this code takes. */
  readonly ownTypes: readonly string[];
  /** Events that have had their effect: another message may come for the same place. */
  readonly handled: Set<string>;
  /** The event that has failed, and certainly has a message in the queue: further ones of it would only try it again. */
  failedInQueue: string | undefined;
}

/**
 * What is to become of a message: `delete` it; `return` leaves it in the queue, hidden as long as it should be;
 * `blocked` as well, and nothing of its group can go on now.
 */
export type Settlement = 'delete' | 'return' | 'blocked';

/** Where one step has led: to an end, onwards, to a cursor that somebody else had moved, or to a failed event. */
export type Step = Settlement | 'onwards' | 'overtaken' | { readonly failed: Failure };

/** A message on its way through the order of its group. */
export interface Delivery {
  readonly message: GroupMessage;
  /** What the queue gave after it. */
  readonly behind: readonly GroupMessage[];
  /** Whether it is known what became of its event: what is left is to go on through the log. */
  isOwnDone: boolean;
  /** Whether it has brought an earlier event along: then the log was read. */
  hasCarried: boolean;
  /**
   * What becomes of the message once its group can go no further, or why it has no place in the order of its group.
   * Undefined: it is deleted if this code takes its event, and waits otherwise.
   */
  outcome: 'delete' | 'return' | OutOfOrder | undefined;
}
