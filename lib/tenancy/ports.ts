import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../contracts/index.ts';
import type { ConditionCheckWrite, DeleteWrite, PutWrite, UnitOfWork, UpdateWrite } from '../outbox/index.ts';

export type RawItem = Readonly<Record<string, AttributeValue>>;

/** DynamoDB's items as they are. A `TenantTable` reads from it; what it writes goes through the outbox. */
export interface TableStore {
  /** MUST see every completed write. */
  get(tableName: string, key: RawItem): Promise<RawItem | undefined>;
  /** `lastKey` MUST be undefined only where nothing follows. A page MAY be empty although another follows. */
  query(request: TableQuery): Promise<{ readonly items: readonly RawItem[]; readonly lastKey: RawItem | undefined }>;
  /**
   * MUST apply all writes or none.
   * @throws TableConditionError `OUTBOX_CONDITION_FAILED` where a condition does not hold
   */
  write(writes: readonly TransactWriteItem[]): Promise<void>;
}

/** One page of a partition, in the order of the sort key. */
export interface TableQuery {
  readonly tableName: string;
  readonly indexName: string | undefined;
  readonly partition: { readonly attribute: string; readonly value: AttributeValue };
  /** Undefined where the table or index has no sort key. */
  readonly sort: SortCondition | undefined;
  /** Attributes of the table's key and of the index's: what `startKey` and `lastKey` hold. */
  readonly keyAttributes: readonly string[];
  readonly limit: number;
  readonly startKey: RawItem | undefined;
  readonly newestFirst: boolean;
}

/** Which part of a partition is asked for: what begins with a text, or what lies between two values; else all of it. */
export interface SortCondition {
  readonly attribute: string;
  readonly beginsWith: string | undefined;
  /** The first value that is wanted; MUST be undefined beside `beginsWith`. @default - from the beginning */
  readonly from?: AttributeValue | undefined;
  /** The last value that is wanted; MUST NOT be before `from`. @default - to the end */
  readonly to?: AttributeValue | undefined;
}

export interface TenantQuery {
  /** One of the schema's indexes. @default - the table itself */
  readonly indexName?: string;
  /** Value of the partition key, without tenant. */
  readonly partition: string;
  /** Items whose sort key, of type S, begins so. Not beside `sortFrom` and `sortTo`. @default - the whole partition */
  readonly sortBeginsWith?: string;
  /**
   * Items from this sort key on, itself included: of the key's type, and not after `sortTo`. Texts are compared by their
   * UTF-8 bytes, as DynamoDB orders them. @default - from the beginning
   */
  readonly sortFrom?: string | number;
  /**
   * Items up to this sort key, itself included; a longer text that begins so comes after it: `'2026-11'` takes nothing of
   * November. @default - to the end
   */
  readonly sortTo?: string | number;
  /** Items per page, from 1 to 1000. @default 100 */
  readonly limit?: number;
  /** `next` of the page before: opaque, and good for the same query of the same tenant only. @default - the first page */
  readonly after?: string;
  /** Largest sort key first. @default false */
  readonly newestFirst?: boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined at the last page. */
  readonly next: string | undefined;
}

/** The tenant's writes: as the unit of work's, without a table name, with keys that name no tenant. */
export interface TenantWrites {
  put(write: Omit<PutWrite, 'TableName'>): void;
  update(write: Omit<UpdateWrite, 'TableName'>): void;
  delete(write: Omit<DeleteWrite, 'TableName'>): void;
  conditionCheck(write: Omit<ConditionCheckWrite, 'TableName'>): void;
}

/** The part of a `TenantTable` that changes nothing. */
export interface TenantTableReader<Item> {
  readonly tableName: string;
  /** Strongly consistent. */
  get(key: Readonly<Record<string, string | number>>): Promise<Item | undefined>;
  /** Strongly consistent, but for indexes. */
  query(query: TenantQuery): Promise<Page<Item>>;
  /** What is wrong with a query, but for its partition; sentences about `called`, such as `view 'orders'`. Empty: nothing. */
  queryProblems(called: string, query: TenantQuery): readonly string[];
  /** The same table, by the schema that its items were written by, where that was another one. */
  withSchema(schema: TableSchema): TenantTableReader<Item>;
}

/**
 * A table that shows the tenant at work its own items and no others. Keys go in and come out without tenant; the first
 * key attribute of the table, and of each of its indexes, is stored with the tenant in front. Within `withoutTenant`
 * keys go in and come out as they are stored.
 *
 * Expressions may not name those attributes, since their stored values hold the tenant; `attribute_exists` and
 * `attribute_not_exists` may. To change an attribute that an index begins with, put the whole item.
 */
export interface TenantTable<Item> extends TenantTableReader<Item> {
  /** Collects writes that are committed with the unit of work. */
  within(tx: UnitOfWork): TenantWrites;
  put(write: Omit<PutWrite, 'TableName'>): Promise<void>;
  update(write: Omit<UpdateWrite, 'TableName'>): Promise<void>;
  delete(write: Omit<DeleteWrite, 'TableName'>): Promise<void>;
  /** All or nothing, without events. */
  transact(collect: (writes: TenantWrites) => void): Promise<void>;
  withSchema(schema: TableSchema): TenantTable<Item>;
}
