import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { KeyOf, TableSchema } from '../definitions/index.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import { TableItemError } from './errors.ts';
import type { TenantTable, TenantTableReader } from './ports.ts';

/** Validates items that are read from a table: a synchronous schema of any Standard Schema library, or a function. */
export type ItemsOf<Item> = StandardSchemaV1<unknown, Item> | ((item: unknown) => Item);

/** Opens a table for reading and writing. */
export interface OpenTable {
  /**
   * The types of keys come from `schema`, and those of items from `items`. A wrong key or item does not compile.
   *
   * @param schema the table, declared `as const satisfies TableSchema`
   * @param items stored items are the input of this schema, and read items are its output
   *
   * @example const orders = runtime.table(ORDERS_TABLE, tableName, orderSchema);
   */
  <const Schema extends TableSchema, Items extends StandardSchemaV1>(
    schema: Schema,
    tableName: string,
    items: Items,
  ): TenantTable<StandardSchemaV1.InferOutput<Items>, KeyOf<Schema>, StandardSchemaV1.InferInput<Items>>;
  /**
   * The same with a function that validates read items. Items to put have no type.
   *
   * @example const orders = runtime.table(ORDERS_TABLE, tableName, (item) => orderSchema.parse(item));
   */
  <const Schema extends TableSchema, Item>(
    schema: Schema,
    tableName: string,
    parse: (item: unknown) => Item,
  ): TenantTable<Item, KeyOf<Schema>>;
}

/** Opens a table for reading. The parameters are those of `OpenTable`. */
export interface OpenTableReader {
  <const Schema extends TableSchema, Items extends StandardSchemaV1>(
    schema: Schema,
    tableName: string,
    items: Items,
  ): TenantTableReader<StandardSchemaV1.InferOutput<Items>, KeyOf<Schema>>;
  <const Schema extends TableSchema, Item>(
    schema: Schema,
    tableName: string,
    parse: (item: unknown) => Item,
  ): TenantTableReader<Item, KeyOf<Schema>>;
}

/**
 * Creates the function that validates items that are read from a table.
 * @throws TableItemError `TABLE_ITEM_INVALID`, by the function, naming every invalid path without its value
 */
export function parserOf<Item>(tableName: string, items: ItemsOf<Item>): (item: unknown) => Item {
  // the schemas of some libraries are functions
  if (!('~standard' in items)) return items;
  const { validate } = items['~standard'];
  return (item) => {
    const result = validate(item);
    if (result instanceof Promise) {
      throw new TableItemError(tableName, 'its schema is asynchronous, and must be synchronous');
    }
    if (result.issues === undefined) return result.value;
    throw new TableItemError(tableName, describeViolations(violationsOf(result.issues, item)));
  };
}
