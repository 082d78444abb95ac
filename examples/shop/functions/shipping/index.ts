import { createConsumer } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { createShippingHandlers } from './handler.ts';
import { selectCarrier } from './select-carrier.ts';
import { shipmentSchema } from './shipment.ts';
import { shipping } from './subscription.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from './table.ts';

const { [SHIPPING_TABLE_NAME]: tableName } = requireEnv(process.env, SHIPPING_TABLE_NAME);
const runtime = createConsumerRuntime(shipping, process.env);
const shipments = runtime.table(SHIPPING_TABLE, tableName, (item) => shipmentSchema.parse(item));
const carrier = selectCarrier(process.env, runtime);

export const handler = createConsumer(createShippingHandlers({ shipments, carrier }), runtime);
