import { createProducerRuntime, requireEnv } from 'waybill/runtime';
import { orderSchema } from '../orders/order.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from '../orders/table.ts';
import { createCancelOrder } from './handler.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const { outbox, tenancy, table, logger } = createProducerRuntime();
const orders = table(ORDERS_TABLE, tableName, orderSchema);

export const handler = createCancelOrder({ orders, outbox, tenancy, logger });
