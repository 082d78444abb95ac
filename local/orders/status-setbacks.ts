import { isAhead, type OrderStatus, orderSchema } from '../../functions/shop/orders/order.ts';
import type { DynamoDb } from '../dynamodb/dynamodb.ts';

/** Orders whose status went back: news that was handled late, or once more. */
export interface StatusSetbacks extends Disposable {
  /** One line for each. */
  list(): readonly string[];
}

const statusSchema = orderSchema.shape.status;

/** Watches the orders table from now on until it is disposed of. */
export function watchSetbacks(dynamoDb: Pick<DynamoDb, 'onCommit'>, ordersTableName: string): StatusSetbacks {
  const setbacks: string[] = [];
  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, before, after } of changes) {
      if (tableName !== ordersTableName) continue;
      const from = statusOf(before?.['status']?.S);
      const to = statusOf(after?.['status']?.S);
      if (from === undefined || to === undefined || !isAhead({ status: to }, from)) continue;
      setbacks.push(`order ${after?.['orderId']?.S} went from ${from} back to ${to}`);
    }
  });
  return { list: () => setbacks, [Symbol.dispose]: stopListening };
}

const statusOf = (text: string | undefined): OrderStatus | undefined => statusSchema.safeParse(text).data;
