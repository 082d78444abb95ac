import { createConsumer } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { createOrchestratedOrdersHandlers } from './orchestrated-handler.ts';
import { orchestratedOrders } from './orchestrated-subscription.ts';
import { orderSchema } from './order.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const runtime = createConsumerRuntime(orchestratedOrders, process.env);
const table = runtime.table(ORDERS_TABLE, tableName, (item) => orderSchema.parse(item));

export const handler = createConsumer(createOrchestratedOrdersHandlers({ orders: table }), runtime);
