import { createProducerRuntime, requireEnv } from 'waybill/runtime';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { createChangeProduct } from './handler.ts';

const { [PRODUCTS_TABLE_NAME]: tableName } = requireEnv(process.env, PRODUCTS_TABLE_NAME);
const { outbox, tenancy, table, logger } = createProducerRuntime();
const products = table(PRODUCTS_TABLE, tableName, productSchema);

export const handler = createChangeProduct({ products, outbox, tenancy, logger });
