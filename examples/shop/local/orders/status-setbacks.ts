import type { DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { describeOrder } from './order-key.ts';

/** Orders whose status went back: news that was handled late, or once more. */
export interface StatusSetbacks extends Disposable {
  /** One line for each. */
  list(): readonly string[];
}

/** How far an order is; from one status to another of the same rank, too, there is no way. */
const RANK: ReadonlyMap<string, number> = new Map([
  ['placed', 0],
  ['paid', 1],
  ['reserved', 2],
  ['cancelling', 3],
  ['shipped', 4],
  ['cancelled', 4],
]);

/** Watches the orders table from now on until it is disposed of. */
export function watchSetbacks(dynamoDb: Pick<DynamoDb, 'onCommit'>, ordersTableName: string): StatusSetbacks {
  const setbacks: string[] = [];
  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, before, after } of changes) {
      if (tableName !== ordersTableName) continue;
      const from = before?.['status']?.S;
      const to = after?.['status']?.S;
      if (from === undefined || to === undefined || !isSetback(from, to)) continue;
      setbacks.push(`${describeOrder(after?.['orderId']?.S ?? '')} went from ${from} back to ${to}`);
    }
  });
  return { list: () => setbacks, [Symbol.dispose]: stopListening };
}

function isSetback(from: string, to: string): boolean {
  const [rankBefore, rankAfter] = [RANK.get(from), RANK.get(to)];
  return rankBefore !== undefined && rankAfter !== undefined && from !== to && rankAfter <= rankBefore;
}
