import { consumer, requireEnv } from 'waybill/runtime';
import { createOrchestratedShippingHandlers } from './orchestrated-handler.ts';
import { orchestratedShipping } from './orchestrated-subscription.ts';
import { selectCarrier } from './select-carrier.ts';
import { shipmentSchema } from './shipment.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from './table.ts';

const { [SHIPPING_TABLE_NAME]: tableName } = requireEnv(process.env, SHIPPING_TABLE_NAME);

export const handler = consumer(orchestratedShipping, (runtime) => {
  const shipments = runtime.table(SHIPPING_TABLE, tableName, shipmentSchema);
  const carrier = selectCarrier(process.env, runtime);

  return createOrchestratedShippingHandlers({ shipments, carrier });
});
