import { type HandlerContext, handlersFor } from '../../../lib/consumer/index.ts';
import type { ItemReader } from '../item-reader.ts';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { isAhead, type Order, type OrderStatus } from './order.ts';
import { orders } from './subscription.ts';

export interface OrdersDeps {
  readonly tableName: string;
  readonly findOrder: ItemReader<Order>;
}

export function createOrdersHandlers({ tableName, findOrder }: OrdersDeps) {
  const advanceTo =
    (status: OrderStatus) =>
    async ({ data }: { data: { readonly orderId: string } }, { tx, log }: HandlerContext) => {
      const order = await findOrder(data.orderId);
      if (order === undefined) throw new UnknownOrderError('orders', data.orderId);
      if (!isAhead(order, status)) return;
      tx.update({
        TableName: tableName,
        Key: { orderId: order.orderId },
        UpdateExpression: 'SET #status = :status',
        ConditionExpression: '#status = :before',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status, ':before': order.status },
      });
      log.info(`order ${status}`, { order_id: order.orderId });
    };

  return handlersFor(orders, {
    'com.example.payment.captured': advanceTo('paid'),
    'com.example.inventory.reserved': advanceTo('reserved'),
    'com.example.shipment.created': advanceTo('shipped'),
  });
}
