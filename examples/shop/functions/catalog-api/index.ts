import { api, requireEnv } from 'waybill/runtime';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { createCatalogApiHandlers } from './handler.ts';
import { catalogApi } from './routes.ts';

const { [PRODUCTS_TABLE_NAME]: tableName } = requireEnv(process.env, PRODUCTS_TABLE_NAME);

export const handler = api(catalogApi, ({ table }) =>
  createCatalogApiHandlers({ products: table(PRODUCTS_TABLE, tableName, (item) => productSchema.parse(item)) }),
);
