import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApiDefinition } from 'waybill';
import { HttpEdge, type HttpEdgeProps, type ReadModel, type WaybillFunction } from 'waybill/cdk';
import { ProductChanged } from '../functions/catalog/events.ts';
import { PRICE_LISTS_TABLE_NAME, PRODUCTS_TABLE_NAME } from '../functions/catalog/table.ts';
import { catalogApi } from '../functions/catalog-api/routes.ts';
import { StockReceived } from '../functions/inventory/events.ts';
import { RECEIPTS_TABLE_NAME, STOCK_TABLE_NAME } from '../functions/inventory/table.ts';
import { ORDER_OVERVIEW_INDEX, ORDER_OVERVIEW_VARIABLES } from '../functions/order-overview/table.ts';
import { ORDER_TRACKING_VARIABLES } from '../functions/order-tracking/table.ts';
import { OrderCancellationRequested, OrderPlaced } from '../functions/orders/events.ts';
import {
  CUSTOMER_ADDRESSES_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE_NAME,
  ORDER_OPERATIONS_TABLE_NAME,
  ORDERS_TABLE_NAME,
} from '../functions/orders/table.ts';
import { ordersApi } from '../functions/orders-api/routes.ts';
import { stockApi } from '../functions/stock-api/routes.ts';
import { storefrontApi } from '../functions/storefront/routes.ts';
import type { ShopReadModels } from './add-read-models.ts';
import type { ShopProps } from './shop-props.ts';
import { type ShopTables, type TableUse, useTables } from './tables.ts';

export interface ApiProps {
  readonly tables: ShopTables;
  readonly readModels: ShopReadModels;
  /** Who issues its access tokens. */
  readonly identity: Pick<HttpEdgeProps, 'issuer' | 'audience'>;
}

/** What a function that serves an API is made of. */
const served = <Api extends ApiDefinition>(api: Api) => ({
  api,
  entry: `examples/shop/functions/${api.name}/index.ts`,
  // they call DynamoDB only
  eventStreams: false,
});

const ORDERS: readonly TableUse[] = [
  { table: 'Orders', variable: ORDERS_TABLE_NAME, actions: ['GetItem', 'PutItem', 'UpdateItem'] },
  { table: 'DeliveryAddresses', variable: DELIVERY_ADDRESSES_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
  { table: 'CustomerAddresses', variable: CUSTOMER_ADDRESSES_TABLE_NAME, actions: ['PutItem'] },
  { table: 'Operations', variable: ORDER_OPERATIONS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
  // what the catalog offers to others: its prices, cached by whoever misses one
  { table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['BatchGetItem'] },
  { table: 'PriceLists', variable: PRICE_LISTS_TABLE_NAME, actions: ['BatchGetItem', 'PutItem'] },
];

const CATALOG: readonly TableUse[] = [
  { table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['GetItem', 'PutItem', 'Query'] },
];

const STOCK: readonly TableUse[] = [
  { table: 'Receipts', variable: RECEIPTS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
  { table: 'Stock', variable: STOCK_TABLE_NAME, actions: ['UpdateItem'] },
];

/** What the catalog offers to others: names and prices of products. */
const STOREFRONT: readonly TableUse[] = [
  { table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['BatchGetItem', 'Query'] },
];

/** The shop's API: one address, and a function for each service, with the rights of that service alone. */
export function addApi(
  scope: Construct,
  { hub }: Pick<ShopProps, 'hub'>,
  { tables, readModels, identity }: ApiProps,
): HttpEdge {
  const edge = new HttpEdge(scope, 'Api', {
    hub,
    ...served(ordersApi),
    publishes: [OrderPlaced, OrderCancellationRequested],
    ...identity,
  });
  useTables(edge.function, tables, ORDERS);

  const catalog = edge.addApi('Catalog', {
    ...served(catalogApi),
    publishes: [ProductChanged],
  });
  useTables(catalog, tables, CATALOG);
  const stock = edge.addApi('Stock', { ...served(stockApi), publishes: [StockReceived] });
  useTables(stock, tables, STOCK);

  const storefront = edge.addApi('Storefront', served(storefrontApi));
  useTables(storefront, tables, STOREFRONT);
  const { OrderOverview, OrderTracking } = readModels;
  namesView(storefront, OrderOverview, ORDER_OVERVIEW_VARIABLES);
  OrderOverview.grantQuery(storefront.executionRole, {
    items: true,
    indexes: [ORDER_OVERVIEW_INDEX.byCustomer],
  });
  namesView(storefront, OrderTracking, ORDER_TRACKING_VARIABLES);
  OrderTracking.grantQuery(storefront.executionRole, { items: true });

  new CfnOutput(scope, 'ApiUrl', { value: edge.api.apiEndpoint, description: "The shop's API" });
  return edge;
}

/** Under a prefix of the view's own: the variables of all views are called the same. */
function namesView(reader: WaybillFunction, view: ReadModel, prefix: string): void {
  for (const [name, value] of Object.entries(view.readerEnvironment())) reader.addEnvironment(prefix + name, value);
}
