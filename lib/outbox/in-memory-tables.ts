import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Item } from './item-size.ts';

/** Why a write of a transaction is not applied. */
export interface WriteRefusal {
  readonly index: number;
  /** The item as it stands. */
  readonly item: Item | undefined;
  /** What DynamoDB finds wrong with the write itself; without it, the write's condition does not hold. */
  readonly fault?: { readonly code: string; readonly message: string };
}

/** Tables in memory, for tests (`createInMemoryTables` of lib/testing); all writes of a call are applied, or none. */
export interface InMemoryTables {
  get(tableName: string, key: Item): Item | undefined;
  items(tableName: string): readonly Item[];
  /** The first write that cannot be applied; undefined when all can. */
  firstRefused(writes: readonly TransactWriteItem[]): WriteRefusal | undefined;
  apply(writes: readonly TransactWriteItem[]): void;
}
