import { OPERATIONS_TABLE } from 'waybill';
import { createOperations, operationSchema } from 'waybill/http';
import { consumer, requireEnv, systemClock } from 'waybill/runtime';
import { createOrdersHandlers } from './handler.ts';
import { orderSchema } from './order.ts';
import { orders } from './subscription.ts';
import { ORDER_OPERATIONS_TABLE_NAME, ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const env = requireEnv(process.env, ORDERS_TABLE_NAME, ORDER_OPERATIONS_TABLE_NAME);

export const handler = consumer(orders, (runtime) => {
  const orders = runtime.table(ORDERS_TABLE, env[ORDERS_TABLE_NAME], orderSchema);
  const table = runtime.table(OPERATIONS_TABLE, env[ORDER_OPERATIONS_TABLE_NAME], operationSchema);

  return createOrdersHandlers({ orders, operations: createOperations({ table, clock: systemClock }) });
});
