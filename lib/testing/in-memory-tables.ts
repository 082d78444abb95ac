import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { DynamoDbRefusal } from './dynamodb/errors.ts';
import { tableDefinition } from './dynamodb/table-definition.ts';
import { createTransaction, type StoredTable, type Transaction, type WriteRefusal } from './dynamodb/transaction.ts';
import { fromWire, toWire } from './dynamodb/wire.ts';
import { keyOf } from './dynamodb/write.ts';

/** Tables in memory. A call applies all its writes or none. */
export interface InMemoryTables {
  get(tableName: string, key: Item): Item | undefined;
  items(tableName: string): readonly Item[];
  /** The first write that cannot be applied; undefined if all can. */
  firstRefused(writes: readonly TransactWriteItem[]): WriteRefusal | undefined;
  apply(writes: readonly TransactWriteItem[]): void;
}

/**
 * Tables in memory that take conditions and updates as DynamoDB does: all functions and operators, document paths, and
 * the service's own messages. A request that DynamoDB would refuse throws its `ValidationException` or
 * `ResourceNotFoundException`.
 *
 * @example
 * const tables = createInMemoryTables({ payments: PAYMENTS_TABLE });
 *
 * @param schemas by table name
 */
export function createInMemoryTables(schemas: Readonly<Record<string, TableSchema>>): InMemoryTables {
  const tables = new Map(
    Object.entries(schemas).map(([name, schema]): [string, StoredTable] => [
      name,
      { definition: tableDefinition(name, schema), items: new Map() },
    ]),
  );
  // all writes are checked before any is applied
  const transactions = new WeakMap<readonly TransactWriteItem[], Transaction>();

  const tableOf = (tableName: string): StoredTable => {
    const table = tables.get(tableName);
    if (table !== undefined) return table;
    throw new DynamoDbRefusal(
      'ResourceNotFoundException',
      `Requested resource not found: Table: ${tableName} not found; there are '${[...tables.keys()].join("', '")}'`,
    );
  };

  const transactionOf = (writes: readonly TransactWriteItem[]): Transaction => {
    const transaction = transactions.get(writes) ?? createTransaction(writes, tableOf);
    transactions.set(writes, transaction);
    return transaction;
  };

  return {
    get(tableName, key) {
      const { definition, items } = tableOf(tableName);
      const item = items.get(keyOf(definition, toWire(key)));
      return item && fromWire(item);
    },
    items: (tableName) => [...tableOf(tableName).items.values()].map(fromWire),
    firstRefused: (writes) => transactionOf(writes).firstRefused(),
    apply: (writes) => transactionOf(writes).apply(),
  };
}
