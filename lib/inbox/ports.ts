import type { Context } from 'aws-lambda';
import type { GuardedWrite } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';

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
  /** MUST see every acknowledged change; undefined when the event is open, or forgotten. */
  find(event: EventIdentity): Promise<InboxRecord | undefined>;
}
