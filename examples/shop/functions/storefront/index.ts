import { api, createViewReaderOn, requireEnv } from 'waybill/runtime';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { orderOverview } from '../order-overview/projection.ts';
import { orderTracking } from '../order-tracking/projection.ts';
import { createStorefrontHandlers } from './handler.ts';
import { storefrontApi } from './routes.ts';
import { variablesOfView } from './view-variables.ts';

const { [PRODUCTS_TABLE_NAME]: tableName } = requireEnv(process.env, PRODUCTS_TABLE_NAME);

export const handler = api(storefrontApi, (runtime) =>
  createStorefrontHandlers({
    overview: createViewReaderOn(orderOverview, runtime, variablesOfView(orderOverview.name, process.env)),
    tracking: createViewReaderOn(orderTracking, runtime, variablesOfView(orderTracking.name, process.env)),
    products: runtime.table(PRODUCTS_TABLE, tableName, (item) => productSchema.parse(item)),
  }),
);
