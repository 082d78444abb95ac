import { createConsumer } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { createOrchestratedOrdersHandlers } from './orchestrated-handler.ts';
import { orchestratedOrders } from './orchestrated-subscription.ts';
import { orderSchema } from './order.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const runtime = createConsumerRuntime(orchestratedOrders, process.env);
const table = runtime.table(ORDERS_TABLE, tableName, (item) => orderSchema.parse(item));

export const handler = createConsumer(createOrchestratedOrdersHandlers({ orders: table }), runtime);
