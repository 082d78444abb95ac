import { handlersFor } from '../../../lib/consumer/index.ts';
import type { ItemReader } from '../item-reader.ts';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { InventoryReserved } from './events.ts';
import type { Reservation } from './reservation.ts';
import { inventory } from './subscription.ts';

export interface InventoryDeps {
  readonly tableName: string;
  readonly findReservation: ItemReader<Reservation>;
}

export const createInventoryHandlers = ({ tableName, findReservation }: InventoryDeps) =>
  handlersFor(inventory, {
    'com.example.order.placed': async ({ data: { orderId, lines } }, { tx }) => {
      if ((await findReservation(orderId)) !== undefined) return;
      const wanted: Reservation = { orderId, lines, status: 'wanted' };
      tx.put({ TableName: tableName, Item: wanted, ConditionExpression: 'attribute_not_exists(orderId)' });
    },

    'com.example.payment.captured': async ({ data: { orderId } }, { tx, log }) => {
      const reservation = await findReservation(orderId);
      if (reservation === undefined) throw new UnknownOrderError('inventory', orderId);
      if (reservation.status === 'reserved') return;
      tx.update({
        TableName: tableName,
        Key: { orderId },
        UpdateExpression: 'SET #status = :reserved',
        ConditionExpression: '#status = :wanted',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':reserved': 'reserved', ':wanted': 'wanted' },
      });
      tx.publish(InventoryReserved, { orderId, lines: reservation.lines });
      log.info('inventory reserved', { order_id: orderId });
    },
  });
