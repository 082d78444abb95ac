import { createConsumer } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { createOrchestratedShippingHandlers } from './orchestrated-handler.ts';
import { orchestratedShipping } from './orchestrated-subscription.ts';
import { selectCarrier } from './select-carrier.ts';
import { shipmentSchema } from './shipment.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from './table.ts';

const { [SHIPPING_TABLE_NAME]: tableName } = requireEnv(process.env, SHIPPING_TABLE_NAME);
const runtime = createConsumerRuntime(orchestratedShipping, process.env);
const shipments = runtime.table(SHIPPING_TABLE, tableName, (item) => shipmentSchema.parse(item));
const carrier = selectCarrier(process.env, runtime);

export const handler = createConsumer(createOrchestratedShippingHandlers({ shipments, carrier }), runtime);
