import { randomUUID } from 'node:crypto';
import { createExternalClient, createSyncConsumer, requireEnv, syncOptions } from 'waybill/runtime';
import { createTokenKeeper } from 'waybill/sync';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { createProductSink } from './product-sink.ts';
import { createSupplierA } from './supplier-a.ts';
import { createSupplierB } from './supplier-b.ts';
import { createSupplierLogin, SUPPLIER_B } from './supplier-tokens.ts';
import { productSync } from './sync.ts';

const env = requireEnv(process.env, PRODUCTS_TABLE_NAME, 'SUPPLIER_A_URL', 'SUPPLIER_B_URL');

export const handler = createSyncConsumer(productSync, (runtime) => {
  const { tenancy, clock } = runtime;
  const products = runtime.table(PRODUCTS_TABLE, env[PRODUCTS_TABLE_NAME], (item) => productSchema.parse(item));
  const { table } = syncOptions(runtime);
  const tokens = createTokenKeeper({ table, clock, newToken: randomUUID });
  const login = createSupplierLogin(
    createExternalClient({ name: 'supplier-b-login', baseUrl: env['SUPPLIER_B_URL'] }, runtime),
    clock,
  );
  const supplierA = createExternalClient(
    {
      name: 'supplier-a',
      baseUrl: env['SUPPLIER_A_URL'],
      headers: (): Readonly<Record<string, string>> => {
        const account = tenancy.currentTenant();
        return account === undefined ? {} : { 'x-account': account };
      },
    },
    runtime,
  );
  const supplierB = createExternalClient(
    {
      name: 'supplier-b',
      baseUrl: env['SUPPLIER_B_URL'],
      async headers(signal) {
        const access = await tokens.accessToken(SUPPLIER_B, (refresh_token) =>
          login.exchange({ refresh_token }, signal),
        );
        return { authorization: `Bearer ${access}` };
      },
    },
    runtime,
  );
  return {
    sources: { 'supplier-a': createSupplierA(supplierA), 'supplier-b': createSupplierB(supplierB) },
    sink: createProductSink(products),
  };
});
