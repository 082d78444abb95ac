import { OPERATIONS_TABLE } from 'waybill';
import { createOperations, operationSchema } from 'waybill/http';
import { consumer, requireEnv, systemClock } from 'waybill/runtime';
import { deliveryAddressSchema } from './delivery-address.ts';
import { createOrdersHandlers } from './handler.ts';
import { createKeptAddresses, customerAddressSchema } from './kept-addresses.ts';
import { orderSchema } from './order.ts';
import { orders } from './subscription.ts';
import {
  CUSTOMER_ADDRESSES_TABLE,
  CUSTOMER_ADDRESSES_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE,
  DELIVERY_ADDRESSES_TABLE_NAME,
  ORDER_OPERATIONS_TABLE_NAME,
  ORDERS_TABLE,
  ORDERS_TABLE_NAME,
} from './table.ts';

const env = requireEnv(
  process.env,
  ORDERS_TABLE_NAME,
  ORDER_OPERATIONS_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE_NAME,
  CUSTOMER_ADDRESSES_TABLE_NAME,
);

export const handler = consumer(orders, (runtime) => {
  const orders = runtime.table(ORDERS_TABLE, env[ORDERS_TABLE_NAME], orderSchema);
  const table = runtime.table(OPERATIONS_TABLE, env[ORDER_OPERATIONS_TABLE_NAME], operationSchema);
  const addresses = createKeptAddresses({
    addresses: runtime.table(DELIVERY_ADDRESSES_TABLE, env[DELIVERY_ADDRESSES_TABLE_NAME], deliveryAddressSchema),
    ofCustomers: runtime.table(CUSTOMER_ADDRESSES_TABLE, env[CUSTOMER_ADDRESSES_TABLE_NAME], customerAddressSchema),
    clock: systemClock,
  });

  return createOrdersHandlers({ orders, operations: createOperations({ table, clock: systemClock }), addresses });
});
