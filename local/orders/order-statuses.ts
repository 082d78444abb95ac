import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { orderSchema } from '../../functions/shop/orders/order.ts';
import { ORDERS_TABLE } from '../../functions/shop/orders/table.ts';

const ID = ORDERS_TABLE.partitionKey.name;

/** Every order's status, by order id, as the shop's own table has it. */
export async function readOrderStatuses(client: DynamoDBClient, tableName: string): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      ProjectionExpression: '#id, #status',
      ExpressionAttributeNames: { '#id': ID, '#status': 'status' },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) statuses.set(item[ID]?.S ?? '', item['status']?.S ?? 'without status');
  }
  return statuses;
}

/** Orders by status, in the order of an order's way; statuses that no order has are left out. */
export function countByStatus(statuses: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>(orderSchema.shape.status.options.map((status) => [status, 0]));
  for (const status of statuses.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count > 0));
}
