import { randomUUID } from 'node:crypto';
import { api } from '../../../../lib/runtime/api.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { createOrderHandlers, ORDERS_TABLE, orderSchema, ordersApi } from '../../../lib/http/orders-app.ts';
import { tenants } from '../tenants.ts';

export const handler = api(
  ordersApi,
  ({ table }) =>
    createOrderHandlers({
      orders: table(ORDERS_TABLE, requireEnv(process.env, 'ORDERS_TABLE_NAME').ORDERS_TABLE_NAME, (item) =>
        orderSchema.parse(item),
      ),
      newId: randomUUID,
      meanwhile: () => undefined,
    }),
  { tenants },
);
