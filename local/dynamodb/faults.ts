import type { Item } from '../../lib/testing/dynamodb/item.ts';
import type { Caller } from '../endpoint/service.ts';

/** What goes wrong on demand; every hook is optional and means "nothing" when it is left out or returns undefined. */
export interface DynamoDbFaults {
  /** A stream has taken a record into one of its shards. */
  onStreamRecord?(record: StreamRecordInfo): ShardChange | undefined;
  /** An item's time to live is over: by how many milliseconds more it stays. Asked once for each time that an item has. */
  onExpiry?(item: ItemInfo): number | undefined;
  /**
   * For how many milliseconds earlier states of items are kept for `onRead`; states are kept only while this is above 0.
   * @default 0
   */
  oldestStateMs?(): number;
  /**
   * A read that may lag, of an item that was written within `oldestStateMs`: how many milliseconds old the state is that
   * it sees. Asked for each such item; what it answers is ignored where it changes nothing.
   */
  onRead?(read: ReadInfo): StaleRead | undefined;
  /** Several conditions of a transaction have failed: which of them, counted from 0, the answer names. One at least. */
  onCancelled?(cancelled: CancelledInfo): readonly number[] | undefined;
  /** A transaction is about to commit: how it is seen before its answer has arrived. */
  onTransaction?(transaction: TransactionInfo): PartialView | undefined;
}

interface StreamRecordInfo {
  readonly streamArn: string;
  readonly shardId: string;
  /** Records that the shard has taken, with this one. */
  readonly recordsInShard: number;
  readonly openShards: number;
}

/** The shard is closed after this record: two children share its keys, or one takes its place. */
export type ShardChange = 'split' | 'replace';

export interface ItemInfo {
  readonly tableName: string;
  readonly key: Item;
}

export interface ReadInfo extends ItemInfo {
  readonly operation: ReadOperation;
  readonly indexName: string | undefined;
  readonly caller: Caller;
}

export type ReadOperation = 'GetItem' | 'BatchGetItem' | 'Query' | 'Scan';

interface StaleRead {
  readonly ageMs: number;
  /** Called once the item was seen otherwise than it is. */
  readonly onSeen?: () => void;
}

interface CancelledInfo {
  readonly tableNames: readonly string[];
  /** How many conditions have failed: two or more. */
  readonly failed: number;
  readonly caller: Caller;
}

interface TransactionInfo {
  readonly items: readonly ItemInfo[];
  readonly caller: Caller;
}

/**
 * Until the transaction is answered, Query, Scan and BatchGetItem do not see these items' changes. Reads of the item
 * alone do, and whatever else learns of a change ends this for the item.
 */
export interface PartialView {
  /** Indexes of the items that are seen as before. */
  readonly unseen: readonly number[];
  /** For how long the answer is withheld. */
  readonly forMs: number;
  /** Called when a read of several items has seen one as it was before. */
  readonly onSeen?: (operation: ReadOperation) => void;
}
