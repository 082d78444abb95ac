import { consumer, requireEnv } from 'waybill/runtime';
import { createOrdersHandlers } from './handler.ts';
import { orderSchema } from './order.ts';
import { orders } from './subscription.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);

export const handler = consumer(orders, (runtime) => {
  const table = runtime.table(ORDERS_TABLE, tableName, orderSchema);

  return createOrdersHandlers({ orders: table });
});
