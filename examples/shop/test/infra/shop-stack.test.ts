import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { selectEnvironment } from 'waybill/cdk';
import { featureFlags } from '../../../../infra/feature-flags.ts';
import { HubStack } from '../../../../infra/stacks/hub-stack.ts';
import {
  InventoryReleaseRequested,
  InventoryReservationRequested,
  OrderFulfilled,
  OrderFulfilmentFailed,
  PaymentCaptureRequested,
  PaymentRefundRequested,
  ShipmentRequested,
} from '../../functions/order-fulfilment/events.ts';
import { type ShopSettings, selectShopSettings } from '../../infra/shop-settings.ts';
import { ShopStack } from '../../infra/shop-stack.ts';

/** What the saga sends: it is put together elsewhere. */
const COMMANDS_OF_THE_SAGA = [
  PaymentCaptureRequested,
  PaymentRefundRequested,
  InventoryReservationRequested,
  InventoryReleaseRequested,
  ShipmentRequested,
  OrderFulfilled,
  OrderFulfilmentFailed,
];

const IDENTITY = { issuer: 'https://auth.example.com', audience: ['shop'] };

const outdir = mkdtempSync(join(tmpdir(), 'waybill-shop-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

function synthesize(overrides: Partial<ShopSettings> = {}) {
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:bundling-stacks': [] } });
  const { settings } = selectEnvironment({ env: 'dev' });
  const { hub } = new HubStack(app, 'Hub', { settings });
  hub.registerProducer(hub, COMMANDS_OF_THE_SAGA);
  const shop = new ShopStack(app, 'Shop', {
    hub,
    settings: { ...selectShopSettings('dev', {}), accounts: IDENTITY, ...overrides },
    identity: IDENTITY,
  });
  return { template: Template.fromStack(shop), warnings: () => warningsOf(app) };
}

const warningsOf = (app: App): readonly string[] =>
  app
    .synth()
    .getStackByName('Shop')
    .messages.map(({ entry }) => String(entry.data))
    .filter((text) => text.includes('fake'));

/** The event types that a service's rule lets through. */
function takenBy(template: Template, service: string): readonly string[] {
  const [rule] = Object.entries(template.findResources('AWS::Events::Rule')).filter(([id]) => id.startsWith(service));
  const pattern = JSON.stringify(rule?.[1]);
  const types = [...new Set(pattern.match(/com\.example\.[a-z-]+\.[a-z-]+/g))];
  return types.map((type) => type.slice('com.example.'.length)).toSorted();
}

/** What a function's policy lets it do with a table. */
function actionsOn(template: Template, user: string, table: string): readonly string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith(user)) ?? [];
  const statements: readonly { Action: string | string[]; Resource: unknown }[] =
    policy?.['Properties'].PolicyDocument.Statement ?? [];
  return statements
    .filter(({ Resource }) => JSON.stringify(Resource).includes(`"${table}Table`))
    .flatMap(({ Action }) => Action)
    .map((action) => action.replace('dynamodb:', ''));
}

const TABLES = [
  'Orders',
  'DeliveryAddresses',
  'CustomerAddresses',
  'Operations',
  'Payments',
  'PaymentAudit',
  'Inventory',
  'Stock',
  'Receipts',
  'Shipping',
  'Products',
  'PriceLists',
  'Customers',
  'Notifications',
  'MailPreferences',
  'CreditNotes',
];

/** What a function may do, by table. */
const grantsOf = (template: Template, user: string) =>
  Object.fromEntries(
    TABLES.map((table) => [table, actionsOn(template, user, table)]).filter(([, actions]) => actions?.length !== 0),
  );

describe("the shop's stack", () => {
  it('subscribes services to the events of each other if it is choreographed', () => {
    const { template } = synthesize({ fulfilment: 'choreographed' });

    expect(takenBy(template, 'Payments')).toStrictEqual([
      'inventory.insufficient',
      'inventory.released',
      'order.placed',
      'payment.reviewed',
    ]);
    expect(takenBy(template, 'Inventory')).toStrictEqual([
      'order.placed',
      'payment.captured',
      'payment.failed',
      'shipment.cancelled',
    ]);
    expect(takenBy(template, 'Shipping')).toStrictEqual([
      'inventory.reserved',
      'order.cancellation-requested',
      'parcel.moved',
    ]);
  });

  it('subscribes services to the commands of the saga if it is orchestrated', () => {
    const { template } = synthesize({ fulfilment: 'orchestrated' });

    expect(takenBy(template, 'Payments')).toStrictEqual([
      'payment.capture-requested',
      'payment.refund-requested',
      'payment.reviewed',
    ]);
    expect(takenBy(template, 'Inventory')).toStrictEqual([
      'inventory.release-requested',
      'inventory.reservation-requested',
    ]);
    expect(takenBy(template, 'Shipping')).toStrictEqual(['parcel.moved', 'shipment.requested']);
    expect(takenBy(template, 'Orders')).toContain('order.fulfilment-failed');
  });

  it.each(['choreographed', 'orchestrated'] as const)(
    'grants each service and command only its own tables, %s',
    (fulfilment) => {
      const { template } = synthesize({ fulfilment });

      expect(grantsOf(template, 'OrdersFunction')).toStrictEqual({
        Orders: ['GetItem', 'UpdateItem'],
        Operations: ['GetItem', 'PutItem'],
        DeliveryAddresses: ['DeleteItem'],
        CustomerAddresses: ['BatchGetItem', 'DeleteItem', 'PutItem', 'Query', 'UpdateItem'],
      });
      expect(grantsOf(template, 'PaymentsFunction')).toStrictEqual({
        Payments: ['GetItem', 'PutItem'],
        PaymentAudit: ['PutItem'],
      });
      expect(grantsOf(template, 'ReviewPayment')).toStrictEqual({
        Payments: ['GetItem', 'PutItem'],
        PaymentAudit: ['PutItem'],
      });
      expect(grantsOf(template, 'InventoryFunction')).toStrictEqual({
        Inventory: ['GetItem', 'PutItem'],
        Stock: ['GetItem', 'UpdateItem'],
      });
      // addresses are what orders offers to shipping
      expect(grantsOf(template, 'ShippingFunction')).toStrictEqual({
        Shipping: ['GetItem', 'PutItem'],
        DeliveryAddresses: ['GetItem'],
      });
      // prices are what the catalog offers to others
      expect(grantsOf(template, 'PlaceOrder')).toStrictEqual({
        Orders: ['GetItem', 'PutItem'],
        DeliveryAddresses: ['GetItem', 'PutItem'],
        CustomerAddresses: ['PutItem'],
        Products: ['BatchGetItem'],
        PriceLists: ['BatchGetItem', 'PutItem'],
      });
      expect(grantsOf(template, 'CancelOrder')).toStrictEqual({ Orders: ['GetItem', 'UpdateItem'] });
      expect(grantsOf(template, 'ReceiveStock')).toStrictEqual({
        Stock: ['UpdateItem'],
        Receipts: ['GetItem', 'PutItem'],
      });
      expect(grantsOf(template, 'ChangeProduct')).toStrictEqual({ Products: ['GetItem', 'PutItem'] });
      expect(grantsOf(template, 'CatalogFunction')).toStrictEqual({ PriceLists: ['UpdateItem'] });
      expect(grantsOf(template, 'CustomersFunction')).toStrictEqual({
        Customers: ['GetItem', 'PutItem', 'UpdateItem'],
      });
      expect(grantsOf(template, 'NotificationsFunction')).toStrictEqual({
        Notifications: ['GetItem', 'PutItem'],
        MailPreferences: ['DeleteItem', 'GetItem', 'PutItem'],
      });
      expect(grantsOf(template, 'CreditNotesFunction')).toStrictEqual({ CreditNotes: ['PutItem'] });
    },
  );

  it('serves each part of its API by a function that may do what the service of that part may', () => {
    const { template } = synthesize();

    expect(grantsOf(template, 'ApiFunctionRole')).toStrictEqual({
      Orders: ['GetItem', 'PutItem', 'UpdateItem'],
      DeliveryAddresses: ['GetItem', 'PutItem'],
      CustomerAddresses: ['PutItem'],
      Operations: ['GetItem', 'PutItem'],
      Products: ['BatchGetItem'],
      PriceLists: ['BatchGetItem', 'PutItem'],
    });
    expect(grantsOf(template, 'ApiCatalogRole')).toStrictEqual({ Products: ['GetItem', 'PutItem', 'Query'] });
    expect(grantsOf(template, 'ApiStockRole')).toStrictEqual({
      Stock: ['UpdateItem'],
      Receipts: ['GetItem', 'PutItem'],
    });
    expect(grantsOf(template, 'ApiStorefrontRole')).toStrictEqual({ Products: ['BatchGetItem', 'Query'] });
  });

  it('lets nobody call its API without a token of its issuer that has a scope of the route', () => {
    const { template } = synthesize();

    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Issuer: 'https://auth.example.com', Audience: ['shop'] },
    });
    // carriers have no identity at the shop: the webhook's function verifies their signatures
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
      .map(({ Properties }) => Properties)
      .filter(({ RouteKey }) => RouteKey !== 'POST /webhooks/carrier');
    expect(routes).toHaveLength(13);
    expect(routes.filter(({ AuthorizationType }) => AuthorizationType !== 'JWT')).toStrictEqual([]);
    expect(routes.find(({ RouteKey }) => RouteKey === 'POST /orders')).toMatchObject({
      AuthorizationScopes: ['orders:write', 'orders:write-for-others'],
    });
    expect(routes.find(({ RouteKey }) => RouteKey === 'PUT /products/{sku}')).toMatchObject({
      AuthorizationScopes: ['catalog:write'],
    });
  });

  it('sets the URLs of external systems as variables of its functions', () => {
    const { template, warnings } = synthesize({
      paymentGatewayUrl: 'https://pay.example/v1',
      fraudCheckUrl: 'https://fraud.example',
      carrierUrl: 'https://carrier.example',
      courierUrl: 'https://courier.example',
      mailerUrl: 'https://mail.example',
    });

    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'payments',
          PAYMENT_GATEWAY_URL: 'https://pay.example/v1',
          FRAUD_CHECK_URL: 'https://fraud.example',
        },
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'shipping',
          CARRIER_URL: 'https://carrier.example',
          COURIER_URL: 'https://courier.example',
        },
      },
    });
    expect(warnings()).toStrictEqual([]);
  });

  it('warns about each fake that replaces a system without a URL', () => {
    const { warnings } = synthesize({ carrierUrl: 'https://carrier.example' });

    expect(warnings()).toContainEqual(
      expect.stringContaining(
        "the shop's setting paymentGatewayUrl is not set: payments use the fake payment gateway, which takes no money; set it with -c shop:paymentGatewayUrl=https://…",
      ),
    );
    expect(warnings().join()).not.toContain('setting carrierUrl');
  });
});
