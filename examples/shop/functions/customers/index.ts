import { consumer, requireEnv } from 'waybill/runtime';
import { customerItemSchema } from './customer.ts';
import { createCustomersHandlers } from './handler.ts';
import { customers } from './subscription.ts';
import { CUSTOMERS_TABLE, CUSTOMERS_TABLE_NAME } from './table.ts';

const { [CUSTOMERS_TABLE_NAME]: tableName } = requireEnv(process.env, CUSTOMERS_TABLE_NAME);

export const handler = consumer(customers, (runtime) => {
  const table = runtime.table(CUSTOMERS_TABLE, tableName, customerItemSchema);

  return createCustomersHandlers({ table });
});
