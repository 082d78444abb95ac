import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SyncEngine, WaybillFunction, WebhookEndpoint } from 'waybill/cdk';
import { ParcelMoved } from '../functions/carrier-tracking/events.ts';
import { ProductChanged, ProductWithdrawn } from '../functions/catalog/events.ts';
import { PRODUCTS_TABLE_NAME } from '../functions/catalog/table.ts';
import { productSync } from '../functions/product-sync/sync.ts';
import { supplierWebhook, supplierWebhookOfTenants } from '../functions/supplier-webhook/webhook.ts';
import { trackingSync } from '../functions/tracking-sync/sync.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, useTables } from './tables.ts';

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
  addSupplierWebhook(scope, props);
  addConnectSupplier(scope, props, products);
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
