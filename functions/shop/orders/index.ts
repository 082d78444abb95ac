import { createConsumer } from '../../../lib/consumer/index.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { createConsumerRuntime } from '../../composition/consumer-runtime.ts';
import { createItemReader } from '../item-reader.ts';
import { createOrdersHandlers } from './handler.ts';
import { orderSchema } from './order.ts';
import { orders } from './subscription.ts';
import { ORDERS_TABLE_NAME } from './table.ts';

const { [ORDERS_TABLE_NAME]: tableName } = requireEnv(process.env, ORDERS_TABLE_NAME);
const runtime = createConsumerRuntime(orders, process.env);
const findOrder = createItemReader(runtime.client, tableName, (item) => orderSchema.parse(item));

export const handler = createConsumer(createOrdersHandlers({ tableName, findOrder }), runtime);
