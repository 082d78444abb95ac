import { api, createViewReaderOn, requireEnv } from 'waybill/runtime';
import { productSchema } from '../catalog/product.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { orderOverview } from '../order-overview/projection.ts';
import { ORDER_OVERVIEW_VARIABLES } from '../order-overview/table.ts';
import { orderTracking } from '../order-tracking/projection.ts';
import { ORDER_TRACKING_VARIABLES } from '../order-tracking/table.ts';
import { createStorefrontHandlers } from './handler.ts';
import { storefrontApi } from './routes.ts';
import { variablesUnder } from './variables-under.ts';

const { [PRODUCTS_TABLE_NAME]: tableName } = requireEnv(process.env, PRODUCTS_TABLE_NAME);

export const handler = api(storefrontApi, (runtime) =>
  createStorefrontHandlers({
    overview: createViewReaderOn(orderOverview, runtime, variablesUnder(ORDER_OVERVIEW_VARIABLES, process.env)),
    tracking: createViewReaderOn(orderTracking, runtime, variablesUnder(ORDER_TRACKING_VARIABLES, process.env)),
    products: runtime.table(PRODUCTS_TABLE, tableName, (item) => productSchema.parse(item)),
  }),
);
