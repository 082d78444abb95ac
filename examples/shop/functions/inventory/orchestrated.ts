import { consumer, requireEnv } from 'waybill/runtime';
import { createOrchestratedInventoryHandlers } from './orchestrated-handler.ts';
import { orchestratedInventory } from './orchestrated-subscription.ts';
import { reservationSchema } from './reservation.ts';
import { stockItemSchema } from './stock.ts';
import { INVENTORY_TABLE, INVENTORY_TABLE_NAME, STOCK_TABLE, STOCK_TABLE_NAME } from './table.ts';

const { [INVENTORY_TABLE_NAME]: tableName, [STOCK_TABLE_NAME]: stockTableName } = requireEnv(
  process.env,
  INVENTORY_TABLE_NAME,
  STOCK_TABLE_NAME,
);

export const handler = consumer(orchestratedInventory, (runtime) => {
  const reservations = runtime.table(INVENTORY_TABLE, tableName, reservationSchema);
  const stock = runtime.table(STOCK_TABLE, stockTableName, stockItemSchema);

  return createOrchestratedInventoryHandlers({ reservations, stock });
});
