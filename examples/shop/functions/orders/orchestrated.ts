import { consumer, requireEnv } from 'waybill/runtime';
import { createOrchestratedOrdersHandlers } from './orchestrated-handler.ts';
import { orchestratedOrders } from './orchestrated-subscription.ts';
import { orderSchema } from './order.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);

export const handler = consumer(orchestratedOrders, (runtime) => {
  const table = runtime.table(ORDERS_TABLE, tableName, orderSchema);

  return createOrchestratedOrdersHandlers({ orders: table });
});
