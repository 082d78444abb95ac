import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EpochSeconds } from '../shared/time.ts';
import type { NewEventRecord } from './event-record.ts';

/** The item that stores the last used sequence of a group. */
export interface GroupHead {
  /** 0 if the group has no head yet. */
  readonly last: number;
  /** The latest expiry of the group's events; undefined if not known. */
  readonly lastExpires?: EpochSeconds | undefined;
  /** Whether the sequences are an aggregate's own versions. @default false */
  readonly versioned?: boolean | undefined;
}

/** Moves a group's head on condition that it is at `from`. */
export interface HeadMove {
  readonly group: string;
  /** 0 if the group has no head yet. */
  readonly from: number;
  readonly to: number;
  /** The latest expiry of the group's events, including this commit's. @default - unchanged */
  readonly lastExpires?: EpochSeconds | undefined;
  /**
   * - `head`: the next sequences after the head, which was read. MUST be refused if the head is `versioned`.
   * - `versions`: an aggregate's own versions. MUST be refused if the head exists and is not `versioned`; sets
   *   `versioned`.
   * - `versions-after-event`: As `versions`, but the head is missing or behind. The store must verify that an event
   *   exists at `from`.
   *
   * @default 'head'
   */
  readonly by?: 'head' | 'versions' | 'versions-after-event' | undefined;
}

export interface OutboxCommit {
  /** At most 36 characters. A commit that is repeated with the same token is applied once. */
  readonly token: string;
  readonly writes: readonly TransactWriteItem[];
  readonly heads: readonly HeadMove[];
  readonly events: readonly NewEventRecord[];
}

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Heads that are not at the expected sequence, with their current state. */
  | { readonly kind: 'head-moved'; readonly heads: ReadonlyMap<string, GroupHead> }
  /** The head of the group is behind, and the log has no event directly before the caller's versions. */
  | { readonly kind: 'predecessor-missing'; readonly group: string }
  /** A transient conflict with another transaction: try again. */
  | { readonly kind: 'conflict'; readonly reason: string }
  /** The service throttles: try again later. */
  | { readonly kind: 'throttled'; readonly reason: string }
  /** A commit with the same token is still in progress: repeat the same commit. */
  | { readonly kind: 'in-progress' }
  /** The condition of `writes[index]` failed; `item` is the current item. */
  | {
      readonly kind: 'condition-failed';
      readonly index: number;
      readonly item: Readonly<Record<string, AttributeValue>> | undefined;
    }
  /** The log already has an event with this group and sequence. */
  | { readonly kind: 'sequence-taken'; readonly event: NewEventRecord }
  /** DynamoDB rejected `writes[index]` itself. */
  | { readonly kind: 'write-refused'; readonly index: number; readonly code: string; readonly message: string };

/**
 * A write that Waybill adds to the caller's transaction, such as completing the inbox record or moving the cursor. Its
 * condition fails if another execution was first.
 */
export interface GuardedWrite {
  readonly write: TransactWriteItem;
  /**
   * The error if the write's condition fails.
   * @param item the current item, if the write has `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'`; undefined if there
   * is none
   */
  readonly refused: (item: Readonly<Record<string, AttributeValue>> | undefined) => Error;
}

/** Commits state and events together. */
export interface OutboxStore {
  /**
   * The head of each group; `last` is 0 for a group without one. MUST see every commit that completed before the call.
   */
  readHeads(groups: readonly string[]): Promise<ReadonlyMap<string, GroupHead>>;
  /**
   * MUST apply everything or nothing: the caller's writes, the heads, each event and its pending marker. MUST return
   * `condition-failed` if a caller's condition fails, even if something else also failed. Rejects for errors that are
   * none of the outcomes; then it is not known whether the commit was applied.
   */
  commit(commit: OutboxCommit): Promise<CommitOutcome>;
}
