import { createConsumer } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { createOrdersHandlers } from './handler.ts';
import { orderSchema } from './order.ts';
import { orders } from './subscription.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const runtime = createConsumerRuntime(orders, process.env);
const table = runtime.table(ORDERS_TABLE, tableName, (item) => orderSchema.parse(item));

export const handler = createConsumer(createOrdersHandlers({ orders: table }), runtime);
