import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { syncDiverged } from 'waybill';
import { EventConsumer, SyncEngine, WaybillFunction, WebhookEndpoint } from 'waybill/cdk';
import { ParcelMoved } from '../functions/carrier-tracking/events.ts';
import { ProductChanged, ProductWithdrawn } from '../functions/catalog/events.ts';
import { PRODUCTS_TABLE_NAME } from '../functions/catalog/table.ts';
import { STOCK_TABLE_NAME } from '../functions/inventory/table.ts';
import { productSync } from '../functions/product-sync/sync.ts';
import { stockSync, stockToSupplier } from '../functions/stock-sync/sync.ts';
import { supplierWebhook, supplierWebhookOfTenants } from '../functions/supplier-webhook/webhook.ts';
import { trackingSync } from '../functions/tracking-sync/sync.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, type TableUse, useTables } from './tables.ts';

const FOLDER = 'examples/shop/functions';

/** A supplier tells of each product when its prices change. */
const THROTTLE = { rateLimit: 200, burstLimit: 400 } as const;

/** The optional part of the shop: products from two suppliers, and parcels by the carrier's list. */
export function addSyncs(scope: Construct, props: ShopProps, tables: ShopTables): void {
  const { hub, settings } = props;
  const { supplierAUrl = '', supplierBUrl = '', carrierUrl = '' } = settings;
  const products = new SyncEngine(scope, 'ProductSync', {
    hub,
    sync: productSync,
    entry: `${FOLDER}/product-sync/index.ts`,
    publishes: [ProductChanged, ProductWithdrawn],
    environment: { SUPPLIER_A_URL: supplierAUrl, SUPPLIER_B_URL: supplierBUrl },
    externalSystems: ['supplier-a', 'supplier-b', 'supplier-b-login'],
    eventStreams: SHOP_FUNCTION.eventStreams,
  });
  useTables(products.consumer.function, tables, [
    { table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['GetItem', 'PutItem', 'DeleteItem'] },
  ]);
  new SyncEngine(scope, 'TrackingSync', {
    hub,
    sync: trackingSync,
    entry: `${FOLDER}/tracking-sync/index.ts`,
    publishes: [ParcelMoved],
    environment: { CARRIER_URL: carrierUrl },
    externalSystems: ['carrier'],
    eventStreams: SHOP_FUNCTION.eventStreams,
  });
  addStock(scope, props, { tables, products });
  addSupplierWebhook(scope, props);
  addConnectSupplier(scope, props, products);
}

/** What is on hand, told to supplier B. Its tokens are in the table of the products' sync. */
function addStock(
  scope: Construct,
  { hub, settings }: ShopProps,
  { tables, products }: { readonly tables: ShopTables; readonly products: SyncEngine },
): void {
  const calls = {
    environment: { SUPPLIER_B_URL: settings.supplierBUrl ?? '' },
    externalSystems: ['supplier-b', 'supplier-b-login'],
    eventStreams: SHOP_FUNCTION.eventStreams,
  };
  const reads: readonly TableUse[] = [{ table: 'Stock', variable: STOCK_TABLE_NAME, actions: ['GetItem'] }];
  const engine = new SyncEngine(scope, 'StockSync', {
    hub,
    sync: stockSync,
    entry: `${FOLDER}/stock-sync/index.ts`,
    table: products.table,
    ...calls,
  });
  useTables(engine.consumer.function, tables, reads);
  const outbound = new EventConsumer(scope, 'StockToSupplier', {
    hub,
    subscription: stockToSupplier.subscription,
    entry: `${FOLDER}/stock-to-supplier/index.ts`,
    timeout: SHOP_FUNCTION.timeout,
    publishes: [syncDiverged(stockSync)],
    ...calls,
  });
  engine.grantUse(outbound.function);
  useTables(outbound.function, tables, reads);
}

function addSupplierWebhook(scope: Construct, { hub }: ShopProps): void {
  const hasTenants = hub.settings.tenancy === 'required';
  new WebhookEndpoint(scope, 'SupplierB', {
    hub,
    webhook: hasTenants ? supplierWebhookOfTenants : supplierWebhook,
    entry: `${FOLDER}/supplier-webhook/${hasTenants ? 'of-tenants' : 'index'}.ts`,
    throttle: THROTTLE,
    eventStreams: SHOP_FUNCTION.eventStreams,
  });
}

/** For who has agreed with supplier B: its tokens are kept where the sync finds them. */
function addConnectSupplier(scope: Construct, { hub, settings }: ShopProps, products: SyncEngine): void {
  const connect = new WaybillFunction(scope, 'ConnectSupplier', {
    entry: `${FOLDER}/connect-supplier/index.ts`,
    serviceName: 'connect-supplier',
    settings: hub.settings,
    ...SHOP_FUNCTION,
    description: 'Waybill shop: exchanges the code of supplier B for the tokens of its feed',
  });
  connect.addEnvironment('SUPPLIER_B_URL', settings.supplierBUrl ?? '');
  products.grantUse(connect);
  hub.nameOutbox(connect);
  new CfnOutput(scope, 'ConnectSupplierFunctionName', { value: connect.functionName });
}
