import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AnyKey, KeyOf, TableSchema } from '../definitions/index.ts';
import type { ConditionCheckWrite, DeleteWrite, PutWrite, UnitOfWork, UpdateWrite } from '../outbox/index.ts';

export type RawItem = Readonly<Record<string, AttributeValue>>;

/** Reads and writes stored items. A `TenantTable` reads from it and writes through the outbox. */
export interface TableStore {
  /** MUST see every completed write. */
  get(tableName: string, key: RawItem): Promise<RawItem | undefined>;
  /**
   * Reads up to `BATCH_GET_MAX_KEYS` distinct keys. MUST return one entry per key, in the order of the keys, and MUST see
   * every completed write.
   * @throws TableUnreadError `TABLE_UNREAD` if the table is throttled
   */
  getBatch(tableName: string, keys: readonly RawItem[]): Promise<readonly (RawItem | undefined)[]>;
  /** `lastKey` MUST be undefined only on the last page. A page MAY be empty although more pages follow. */
  query(request: TableQuery): Promise<{ readonly items: readonly RawItem[]; readonly lastKey: RawItem | undefined }>;
  /**
   * MUST apply all writes or none.
   * @throws TableConditionError `OUTBOX_CONDITION_FAILED` if a condition fails
   */
  write(writes: readonly TransactWriteItem[]): Promise<void>;
}

/** One page of a partition, in the order of the sort key. */
export interface TableQuery {
  readonly tableName: string;
  readonly indexName: string | undefined;
  readonly partition: { readonly attribute: string; readonly value: AttributeValue };
  /** Undefined if the table or index has no sort key. */
  readonly sort: SortCondition | undefined;
  /** Attributes of `startKey` and `lastKey`: those of the table's key and of the index's key. */
  readonly keyAttributes: readonly string[];
  readonly limit: number;
  readonly startKey: RawItem | undefined;
  readonly newestFirst: boolean;
}

/** Selects a part of a partition: by prefix, or by range. */
export interface SortCondition {
  readonly attribute: string;
  readonly beginsWith: string | undefined;
  /** The first value; MUST be undefined with `beginsWith`. @default - from the beginning */
  readonly from?: AttributeValue | undefined;
  /** The last value; MUST NOT be before `from`. @default - to the end */
  readonly to?: AttributeValue | undefined;
}

export interface TenantQuery {
  /** An index of the schema. @default - the table itself */
  readonly indexName?: string;
  /** Value of the partition key, without the tenant. */
  readonly partition: string;
  /**
   * Prefix of the sort key, which must be of type S. Cannot be combined with `sortFrom` and `sortTo`. @default - the
   * whole partition
   */
  readonly sortBeginsWith?: string;
  /**
   * First sort key, inclusive. Must have the key's type and not be after `sortTo`. Strings are ordered by UTF-8 bytes,
   * as in DynamoDB. @default - from the beginning
   */
  readonly sortFrom?: string | number;
  /**
   * Last sort key, inclusive. A longer string with this prefix comes after it: `'2026-11'` excludes all days of
   * November. @default - to the end
   */
  readonly sortTo?: string | number;
  /** Items per page, from 1 to 1000. @default 100 */
  readonly limit?: number;
  /**
   * The `next` of the previous page: an opaque token that is valid for the same query and tenant only. @default - the
   * first page
   */
  readonly after?: string;
  /** Largest sort key first. @default false */
  readonly newestFirst?: boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** An item to put into a table without typed items. */
export type AnyItem = Readonly<Record<string, unknown>>;

/** A put of a whole item, as it is stored. */
export interface TenantPut<Stored = AnyItem> extends Omit<PutWrite, 'TableName' | 'Item'> {
  readonly Item: Stored;
}

export type TenantUpdate<Key = AnyKey> = Omit<UpdateWrite, 'TableName' | 'Key'> & { readonly Key: Key };
export type TenantDelete<Key = AnyKey> = Omit<DeleteWrite, 'TableName' | 'Key'> & { readonly Key: Key };
export type TenantConditionCheck<Key = AnyKey> = Omit<ConditionCheckWrite, 'TableName' | 'Key'> & { readonly Key: Key };

/**
 * Writes to a tenant's table: like those of a unit of work, without the table name and with keys without the tenant. A wrong
 * key, and an item that the table's schema does not describe, do not compile.
 */
export interface TenantWrites<Key = AnyKey, Stored = AnyItem> {
  put(write: TenantPut<Stored>): void;
  update(write: TenantUpdate<Key>): void;
  delete(write: TenantDelete<Key>): void;
  conditionCheck(write: TenantConditionCheck<Key>): void;
}

/** The read-only part of a `TenantTable`. */
export interface TenantTableReader<Item, Key = AnyKey> {
  readonly tableName: string;
  /** Strongly consistent. */
  get(key: Key): Promise<Item | undefined>;
  /**
   * Reads items by their keys, up to 100 in one call to DynamoDB. Strongly consistent, but no snapshot of several items.
   * Keys may be repeated.
   * @returns one entry per key, in the order of the keys; undefined if there is no item
   * @throws TableUnreadError `TABLE_UNREAD` if the table is throttled
   */
  getBatch(keys: readonly Key[]): Promise<readonly (Item | undefined)[]>;
  /** Strongly consistent, except for indexes. */
  query(query: TenantQuery): Promise<Page<Item>>;
  /**
   * Lists the problems of a query, except of its partition; empty if there are none. `called` is the name of the table
   * in the texts, such as `view 'orders'`.
   */
  queryProblems(called: string, query: TenantQuery): readonly string[];
  /** The same table with another schema, for items that were written with it. */
  withSchema<const Schema extends TableSchema>(schema: Schema): TenantTableReader<Item, KeyOf<Schema>>;
}

/**
 * A table that gives access to the items of the current tenant only. Keys are passed and returned without the tenant.
 * The partition keys of the table and of its indexes are stored with the tenant as prefix. Within `withoutTenant` keys
 * are passed and returned as they are stored.
 *
 * Expressions cannot refer to those attributes, because their stored values have the prefix, except in
 * `attribute_exists` and `attribute_not_exists`. To change the partition key of an index, put the whole item.
 */
export interface TenantTable<Item, Key = AnyKey, Stored = AnyItem> extends TenantTableReader<Item, Key> {
  /** Returns writes that are committed with the unit of work. */
  within(tx: UnitOfWork): TenantWrites<Key, Stored>;
  put(write: TenantPut<Stored>): Promise<void>;
  update(write: TenantUpdate<Key>): Promise<void>;
  delete(write: TenantDelete<Key>): Promise<void>;
  /** Commits several writes in one transaction, without events. */
  transact(collect: (writes: TenantWrites<Key, Stored>) => void): Promise<void>;
  withSchema<const Schema extends TableSchema>(schema: Schema): TenantTable<Item, KeyOf<Schema>, Stored>;
}
