import { consumer, requireEnv } from 'waybill/runtime';
import { deliveryAddressSchema } from '../orders/delivery-address.ts';
import { DELIVERY_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE_NAME } from '../orders/table.ts';
import { createOrchestratedShippingHandlers } from './orchestrated-handler.ts';
import { orchestratedShipping } from './orchestrated-subscription.ts';
import { selectCarriers } from './select-carriers.ts';
import { shipmentSchema } from './shipment.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from './table.ts';

const env = requireEnv(process.env, SHIPPING_TABLE_NAME, DELIVERY_ADDRESSES_TABLE_NAME);

export const handler = consumer(orchestratedShipping, (runtime) => {
  const shipments = runtime.table(SHIPPING_TABLE, env[SHIPPING_TABLE_NAME], shipmentSchema);
  const addresses = runtime.table(DELIVERY_ADDRESSES_TABLE, env[DELIVERY_ADDRESSES_TABLE_NAME], deliveryAddressSchema);
  const carriers = selectCarriers(process.env, runtime);

  return createOrchestratedShippingHandlers({ shipments, addresses, carriers });
});
