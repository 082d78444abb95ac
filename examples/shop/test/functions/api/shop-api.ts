import { type ApiDefinition, OPERATIONS_TABLE, type TableSchema } from 'waybill';
import { type ApiHandlers, createApiHandler, createOperations, operationSchema } from 'waybill/http';
import { createOutbox } from 'waybill/outbox';
import { createTenancy, createTenantTable } from 'waybill/tenancy';
import {
  createInMemoryClientUsage,
  createInMemoryOutboxStore,
  createInMemoryRequestRecords,
  createInMemoryTableStore,
  createInMemoryTables,
  createSilentLogger,
  createSilentMetrics,
} from 'waybill/testing';
import { HTTP_REQUESTS_TABLE } from '../../../../../lib/definitions/index.ts';
import { parserOf } from '../../../../../lib/tenancy/index.ts';
import { createCountingIds, createTestClock } from '../../../../../test/fixtures/event-maker.ts';
import { lambdaContext } from '../../../../../test/fixtures/lambda-context.ts';
import { eventOf, type SentRequest } from '../../../../../test/lib/http/api-rig.ts';
import { productSchema } from '../../../functions/catalog/product.ts';
import { PRODUCTS_TABLE } from '../../../functions/catalog/table.ts';
import { createCatalogApiHandlers } from '../../../functions/catalog-api/handler.ts';
import { catalogApi } from '../../../functions/catalog-api/routes.ts';
import { goodsReceiptSchema } from '../../../functions/inventory/goods-receipt.ts';
import { stockItemSchema } from '../../../functions/inventory/stock.ts';
import { RECEIPTS_TABLE, STOCK_TABLE } from '../../../functions/inventory/table.ts';
import { deliveryAddressSchema } from '../../../functions/orders/delivery-address.ts';
import { createKeptAddresses, customerAddressSchema } from '../../../functions/orders/kept-addresses.ts';
import { orderSchema } from '../../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../../functions/orders/table.ts';
import { createOrdersApiHandlers } from '../../../functions/orders-api/handler.ts';
import { ordersApi } from '../../../functions/orders-api/routes.ts';
import { SCOPE } from '../../../functions/scopes.ts';
import { createStockApiHandlers } from '../../../functions/stock-api/handler.ts';
import { stockApi } from '../../../functions/stock-api/routes.ts';
import { createStorefrontHandlers, type StorefrontDeps } from '../../../functions/storefront/handler.ts';
import { storefrontApi } from '../../../functions/storefront/routes.ts';

export const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

/** A customer, who may work on orders of their own. */
export const customer = (sub: string) => ({ sub, scope: 'orders:read orders:write catalog:read' });

/** A client of a partner, or of the staff: it may do everything. */
export const PARTNER = { sub: 'partner', scope: Object.values(SCOPE).join(' ') };

export interface ShopApiOptions {
  /** @default 'none' */
  readonly tenancy?: 'none' | 'required';
  /** What the read models show. @default - nothing */
  readonly views?: Pick<StorefrontDeps, 'overview' | 'tracking'>;
}

const NO_VIEWS: Pick<StorefrontDeps, 'overview' | 'tracking'> = {
  overview: { get: async () => undefined, query: async () => ({ items: [], next: undefined }) },
  tracking: { get: async () => undefined },
};

/** The shop's API over memory, called as API Gateway calls its functions. */
export function createShopApi({ tenancy: mode = 'none', views = NO_VIEWS }: ShopApiOptions = {}) {
  const tables = createInMemoryTables({
    orders: ORDERS_TABLE,
    addresses: DELIVERY_ADDRESSES_TABLE,
    customerAddresses: CUSTOMER_ADDRESSES_TABLE,
    operations: OPERATIONS_TABLE,
    products: PRODUCTS_TABLE,
    receipts: RECEIPTS_TABLE,
    stock: STOCK_TABLE,
    requests: HTTP_REQUESTS_TABLE,
  });
  const clock = createTestClock();
  const ids = createCountingIds();
  const tenancy = createTenancy({ mode, audit: { crossTenantWork: () => undefined } });
  const outboxStore = createInMemoryOutboxStore({ tables });
  const outbox = createOutbox({
    store: outboxStore,
    clock,
    ids,
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const store = createInMemoryTableStore(tables);
  const table = <Item>(tableName: string, schema: TableSchema, parse: (item: unknown) => Item) =>
    createTenantTable({ store, outbox, tenancy, tableName, schema, parse });
  const products = table('products', PRODUCTS_TABLE, (item) => productSchema.parse(item));
  const records = { tables, tableName: 'requests' };
  let orderIds = 0;

  const serve = <Api extends ApiDefinition>(api: Api, handlers: ApiHandlers<Api>) => ({
    keys: api.routes.map(({ key }) => key),
    handler: createApiHandler<Api>(api, handlers, {
      outbox,
      requests: createInMemoryRequestRecords(records),
      usage: createInMemoryClientUsage(records),
      tenancy,
      logger: createSilentLogger(api.name),
      metrics: createSilentMetrics(api.name),
      clock,
      newToken: ids.newToken,
      newCorrelationId: ids.newCorrelationId,
      tenantClaim: 'tenant',
    }),
  });
  const orders = createOrdersApiHandlers({
    orders: table('orders', ORDERS_TABLE, (item) => orderSchema.parse(item)),
    addresses: createKeptAddresses({
      addresses: table('addresses', DELIVERY_ADDRESSES_TABLE, (item) => deliveryAddressSchema.parse(item)),
      ofCustomers: table('customerAddresses', CUSTOMER_ADDRESSES_TABLE, (item) => customerAddressSchema.parse(item)),
      clock,
    }),
    operations: createOperations({
      table: table('operations', OPERATIONS_TABLE, parserOf('operations', operationSchema)),
      clock,
    }),
    // sold at 2.50
    priceList: { read: async () => new Map([['TEA', gbp(250)]]) },
    clock,
    newOrderId: () => `o-${++orderIds}`,
  });
  const stock = createStockApiHandlers({
    receipts: table('receipts', RECEIPTS_TABLE, (item) => goodsReceiptSchema.parse(item)),
    stock: table('stock', STOCK_TABLE, (item) => stockItemSchema.parse(item)),
  });
  const served = [
    serve(ordersApi, orders),
    serve(catalogApi, createCatalogApiHandlers({ products })),
    serve(stockApi, stock),
    serve(storefrontApi, createStorefrontHandlers({ ...views, products })),
  ];

  return {
    items: (name: string) => tables.items(name),
    events: () => outboxStore.events,
    /** @returns the answer, its body as JSON */
    async send(routeKey: string, request: SentRequest) {
      const handler = served.find(({ keys }) => keys.some((key) => key === routeKey))?.handler;
      if (handler === undefined) throw new Error(`no API has the route ${routeKey}`);
      const { statusCode, headers = {}, body = '' } = await handler(eventOf(routeKey, request), lambdaContext());
      return { status: statusCode, headers, json: body === '' ? undefined : JSON.parse(body) };
    },
  };
}
