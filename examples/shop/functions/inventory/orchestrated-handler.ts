import { handlersFor } from 'waybill/consumer';
import { InventoryInsufficient, InventoryReleased } from './events.ts';
import { orchestratedInventory } from './orchestrated-subscription.ts';
import { piecesOf } from './stock.ts';
import { createWarehouse, type InventoryDeps } from './warehouse.ts';

export function createOrchestratedInventoryHandlers(deps: InventoryDeps) {
  const { reservations } = deps;
  const warehouse = createWarehouse(deps);

  return handlersFor(orchestratedInventory, {
    'com.example.inventory.reservation-requested': async ({ data: { orderId, lines } }, context) => {
      const reservation = await reservations.get({ orderId });
      if (reservation === undefined) return warehouse.reserve(orderId, lines, undefined, context);
      // released before it was asked for: the answer is no, once
      if (reservation.status !== 'closed' || reservation.lines.length > 0) return;
      warehouse.close(orderId, { ...reservation, lines }, context);
      const missing = [...piecesOf(lines)].map(([sku, wanted]) => ({ sku, wanted, available: 0 }));
      context.tx.publish(InventoryInsufficient, { orderId, missing });
    },

    'com.example.inventory.release-requested': async ({ data: { orderId } }, context) => {
      const reservation = await reservations.get({ orderId });
      if (reservation?.status === 'reserved') return warehouse.release(reservation, context);
      if (reservation?.status === 'released' || reservation?.status === 'closed') return;
      warehouse.close(orderId, reservation, context);
      context.tx.publish(InventoryReleased, { orderId, lines: [] });
    },
  });
}
