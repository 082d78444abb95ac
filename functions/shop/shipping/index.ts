import { createConsumer } from '../../../lib/consumer/index.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { createConsumerRuntime } from '../../composition/consumer-runtime.ts';
import { createItemReader } from '../item-reader.ts';
import { createShippingHandlers } from './handler.ts';
import { shipmentSchema } from './shipment.ts';
import { shipping } from './subscription.ts';
import { SHIPPING_TABLE_NAME } from './table.ts';

const { [SHIPPING_TABLE_NAME]: tableName } = requireEnv(process.env, SHIPPING_TABLE_NAME);
const runtime = createConsumerRuntime(shipping, process.env);
const findShipment = createItemReader(runtime.client, tableName, (item) => shipmentSchema.parse(item));

export const handler = createConsumer(createShippingHandlers({ tableName, findShipment }), runtime);
