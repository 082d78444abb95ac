import { createExternalClient, createSyncConsumer, requireEnv } from 'waybill/runtime';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { createProductSink } from './product-sink.ts';
import { createSupplierA } from './supplier-a.ts';
import { createSupplierB } from './supplier-b.ts';
import { createSupplierBClient } from './supplier-b-client.ts';
import { productSync } from './sync.ts';

const env = requireEnv(process.env, PRODUCTS_TABLE_NAME, 'SUPPLIER_A_URL', 'SUPPLIER_B_URL');

export const handler = createSyncConsumer(productSync, (runtime) => {
  const { tenancy } = runtime;
  const products = runtime.table(PRODUCTS_TABLE, env[PRODUCTS_TABLE_NAME], (item) => productSchema.parse(item));
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
  return {
    sources: {
      'supplier-a': createSupplierA(supplierA),
      'supplier-b': createSupplierB(createSupplierBClient(runtime, env['SUPPLIER_B_URL'])),
    },
    sink: createProductSink(products),
  };
});
