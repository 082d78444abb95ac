import { handlersFor } from 'waybill/consumer';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { InventoryReleased } from './events.ts';
import type { Reservation } from './reservation.ts';
import { inventory } from './subscription.ts';
import { createWarehouse, type InventoryDeps } from './warehouse.ts';

export function createInventoryHandlers(deps: InventoryDeps) {
  const { reservations } = deps;
  const warehouse = createWarehouse(deps);

  const find = async (orderId: string): Promise<Reservation> => {
    const reservation = await reservations.get({ orderId });
    if (reservation === undefined) throw new UnknownOrderError('inventory', orderId);
    return reservation;
  };

  return handlersFor(inventory, {
    'com.example.order.placed': async ({ data: { orderId, lines } }, { tx }) => {
      if ((await reservations.get({ orderId })) !== undefined) return;
      const wanted: Reservation = { orderId, lines, status: 'wanted' };
      reservations.within(tx).put({ Item: wanted, ConditionExpression: 'attribute_not_exists(orderId)' });
    },

    'com.example.payment.captured': async ({ data: { orderId } }, context) => {
      const reservation = await find(orderId);
      if (reservation.status === 'wanted') await warehouse.reserve(orderId, reservation.lines, reservation, context);
    },

    'com.example.payment.failed': async ({ data: { orderId } }, context) => {
      const reservation = await find(orderId);
      if (reservation.status === 'wanted') warehouse.close(orderId, reservation, context);
    },

    // where there was too little stock, or no payment, the undoing is under way already
    'com.example.shipment.cancelled': async ({ data: { orderId } }, context) => {
      const reservation = await find(orderId);
      if (reservation.status === 'reserved') warehouse.release(reservation, context);
      if (reservation.status !== 'wanted') return;
      warehouse.close(orderId, reservation, context);
      context.tx.publish(InventoryReleased, { orderId, lines: [] });
    },
  });
}
