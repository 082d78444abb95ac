import type { ParsedProjection } from '../../lib/testing/dynamodb/expressions.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { type CapacityDetail, consumedCapacity, readUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import { projected, readableKey } from './item-reads.ts';
import type { Operation } from './operation.ts';
import { checkActionCount, checkDistinct, checkTotalSize, TRANSACTION_COST_FACTOR } from './transact-limits.ts';
import { TRANSACT_GET_SHAPE } from './transact-shapes.ts';

interface TransactGetRequest {
  readonly TransactItems: readonly {
    readonly Get: { readonly TableName: string; readonly Key: Item; readonly _projection?: ParsedProjection };
  }[];
  readonly ReturnConsumedCapacity?: CapacityDetail;
}

/** TransactGetItems: all items as they are at one moment. */
export function createTransactGet(database: Database): Operation {
  return (input) => {
    checkActionCount(input['TransactItems']);
    const request = parseRequest<TransactGetRequest>(TRANSACT_GET_SHAPE, input);
    const found = request.TransactItems.map(({ Get }) => {
      const table = database.table(Get.TableName);
      const key = readableKey(table, Get.Key, Get._projection);
      table.unseen.delete(key);
      return { table, key, item: table.items.get(key), Get };
    });
    checkDistinct(found);
    checkTotalSize(found.map(({ item }) => item));
    return {
      Responses: found.map(({ item, Get }) => (item === undefined ? {} : { Item: projected(item, Get) })),
      ConsumedCapacity: consumedCapacity(
        request.ReturnConsumedCapacity,
        () => found.map(({ table, item }) => readUnits(table, item, TRANSACTION_COST_FACTOR)),
        'ReadCapacityUnits',
      ),
    };
  };
}
