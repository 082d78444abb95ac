import type { DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { STOCK_TABLE } from '../../functions/inventory/table.ts';
import { type Invariant, invariant } from './invariant.ts';

export interface StockWatch extends Disposable {
  /** Whether stock was there at every commit. */
  check(): Invariant;
}

const SKU = STOCK_TABLE.partitionKey.name;

/** Watches the stock from now on until it is disposed of. */
export function watchStock(dynamoDb: Pick<DynamoDb, 'onCommit'>, stockTableName: string): StockWatch {
  const wrong: string[] = [];
  let writes = 0;
  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, after } of changes) {
      if (tableName !== stockTableName || after === undefined) continue;
      writes++;
      const available = Number(after['available']?.N);
      if (!(available >= 0)) wrong.push(`there were ${after['available']?.N ?? 'no'} pieces of ${after[SKU]?.S}`);
    }
  });
  return {
    check: () => invariant('stock: never negative, at any commit', [`${writes} writes`], wrong),
    [Symbol.dispose]: stopListening,
  };
}
