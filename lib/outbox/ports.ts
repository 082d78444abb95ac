import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EpochSeconds } from '../shared/time.ts';
import type { NewEventRecord } from './event-record.ts';

/** The item with the last sequence that a group has used. */
export interface GroupHead {
  /** 0 where the group has no head yet. */
  readonly last: number;
  /** The latest expiry of the group's events so far; undefined where that is not known. */
  readonly lastExpires?: EpochSeconds | undefined;
  /** Whether the numbers are an aggregate's own versions. @default false */
  readonly versioned?: boolean | undefined;
}

/** Moves a group's head, on condition that it stands at `from`. */
export interface HeadMove {
  readonly group: string;
  /** 0 where the group has no head yet. */
  readonly from: number;
  readonly to: number;
  /** The latest expiry of the group's events, those of this commit included. @default - it stays as it is */
  readonly lastExpires?: EpochSeconds | undefined;
  /**
   * - `head`: the next numbers after the head, which was read; MUST be refused where the head is `versioned`
   * - `versions`: an aggregate's own; MUST be refused where there is a head that is not `versioned`, and makes it so
   * - `proven-versions`: as `versions`, where the head is behind `from`, or absent, as producers of earlier releases left
   *   it; MUST be refused unless an event stands at `from`
   * @default 'head'
   */
  readonly by?: 'head' | 'versions' | 'proven-versions' | undefined;
}

export interface OutboxCommit {
  /** At most 36 characters; the same commit under the same token is applied once. */
  readonly token: string;
  readonly writes: readonly TransactWriteItem[];
  readonly heads: readonly HeadMove[];
  readonly events: readonly NewEventRecord[];
}

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Heads that do not stand where they were to be moved from, each as it stands. */
  | { readonly kind: 'head-moved'; readonly heads: ReadonlyMap<string, GroupHead> }
  /** The head of the group is behind, and no event stands before those that were given the next versions. */
  | { readonly kind: 'predecessor-missing'; readonly group: string }
  /** A passing clash with another transaction: try again. */
  | { readonly kind: 'conflict'; readonly reason: string }
  /** The service takes no more just now: try again, later. */
  | { readonly kind: 'throttled'; readonly reason: string }
  /** The same token is still being worked on: try the same commit again. */
  | { readonly kind: 'in-progress' }
  /** The caller's condition on `writes[index]` does not hold; `item` is what stands there. */
  | {
      readonly kind: 'condition-failed';
      readonly index: number;
      readonly item: Readonly<Record<string, AttributeValue>> | undefined;
    }
  /** An event of that group and sequence is in the log already. */
  | { readonly kind: 'sequence-taken'; readonly event: NewEventRecord }
  /** The service finds fault with `writes[index]` itself. */
  | { readonly kind: 'write-refused'; readonly index: number; readonly code: string; readonly message: string };

/**
 * A write that somebody other than the caller puts into the transaction, to make it theirs: the inbox record is
 * completed, the cursor moved. Its condition is what stops an execution that has been overtaken.
 */
export interface GuardedWrite {
  readonly write: TransactWriteItem;
  /** What it means that the write's condition does not hold. */
  readonly refused: () => Error;
}

/** Where state and events are committed together. */
export interface OutboxStore {
  /**
   * The head of each group, `last` 0 for a group without one. MUST see every commit that was completed before the
   * call.
   */
  readHeads(groups: readonly string[]): Promise<ReadonlyMap<string, GroupHead>>;
  /**
   * MUST apply everything or nothing: the caller's writes, the heads, each event and its pending marker. MUST answer
   * `condition-failed` where a caller's condition fails, whatever else failed beside it. Rejects for faults that are
   * none of the outcomes; then the commit may or may not have happened.
   */
  commit(commit: OutboxCommit): Promise<CommitOutcome>;
}
