import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { recordOf } from '../../../../../lib/outbox/index.ts';
import { objectAt } from '../../../../../local/template/json.ts';
import { eventually } from '../../../../../test/e2e/eventually.ts';
import { AccountDeleted, AccountPreferencesChanged } from '../../../functions/accounts/events.ts';
import { madeAt } from './made-at.ts';
import type { ShopRun } from './shop-run.ts';

/** An event that a consumer takes, and how its handler is made to fail at it. */
export interface Trial {
  readonly takes: string;
  readonly source: string;
  /** Data that the event is to have. */
  readonly data?: object;
  /** A row that nobody can read, by table. */
  readonly row?: (orderId: string, data: Readonly<Record<string, unknown>>) => readonly [string, object];
}

const inTableOf = (table: string) => (orderId: string) => [table, { orderId: { S: orderId } }] as const;

/** Of the generation that serves after a rebuild. */
const inStateOf = (readModel: string) => (orderId: string) =>
  [
    `${readModel}/State`,
    { id: { S: `position#2#order#${orderId}` }, name: { S: 'position' }, position: { S: 'no number' } },
  ] as const;

/** By consumer, as its role is called. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  Orders: { takes: 'com.example.payment.captured', source: '/payments', row: inTableOf('OrdersTable') },
  Payments: { takes: 'com.example.order.placed', source: '/orders', row: inTableOf('PaymentsTable') },
  Inventory: { takes: 'com.example.order.placed', source: '/orders', row: inTableOf('InventoryTable') },
  Shipping: { takes: 'com.example.inventory.reserved', source: '/inventory', row: inTableOf('ShippingTable') },
  Notifications: {
    takes: 'com.example.shipment.created',
    source: '/shipping',
    row: inTableOf('NotificationsTable'),
  },
  Customers: {
    takes: 'com.example.order.placed',
    source: '/orders',
    row: (orderId) => ['CustomersTable', { id: { S: `order#${orderId}` } }],
  },
  OrderLinks: {
    takes: 'com.example.payment.captured',
    source: '/payments',
    row: (orderId, { paymentId }) => [
      'Links/Table',
      { source: { S: `orders/order/${orderId}` }, toTarget: { S: `cascade/payments/payment/${String(paymentId)}` } },
    ],
  },
  CreditNotes: { takes: 'waybill.link.cascaded.payments', source: '/links', data: { metadata: {} } },
  OrderOverviewConsumer: {
    takes: 'com.example.order.placed',
    source: '/orders',
    row: inStateOf('OrderOverview'),
  },
  OrderTrackingConsumer: {
    takes: 'com.example.order.placed',
    source: '/orders',
    row: inStateOf('OrderTracking'),
  },
  RevenueByDayConsumer: {
    takes: 'com.example.order.placed',
    source: '/orders',
    row: inStateOf('RevenueByDay'),
  },
  // a price whose stamp cannot be counted on; nobody orders any more by then
  Catalog: {
    takes: 'com.example.product.changed',
    source: '/catalog',
    row: (_, { sku }) => ['PriceListsTable', { list: { S: `price#${String(sku)}` }, stamp: { S: 'no number' } }],
  },
};

/** With ordering 'fifo': nothing is taken from the log, and nothing is resent. */
export const FIFO: readonly string[] = ['CreditNotes', 'Catalog'];

const ADDRESS = { recipient: 'C. One', line1: '1 High Street', city: 'Leeds', country: 'GB' };

/** Has the functions of the shop do all that they do in the course of business. @param token of a partner */
export async function exerciseShop(shop: ShopRun, refusedOrder: string, token: string): Promise<void> {
  for (const orderId of ['order-1', 'order-2', 'order-2', refusedOrder]) await shop.placeOrder(orderId);
  await shop.placeOrder('declined', { total: { currency: 'EUR', minorUnits: 100_000 } });
  await shop.placeOrder('short', { lines: [{ sku: 'tea', quantity: 1_000 }] });
  await shop.placeOrder('unknown', { lines: [{ sku: 'sand', quantity: 1 }] });
  await shop.placeOrder('with-address', { shippingAddress: ADDRESS });
  // held by the fraud check, which is a fake here
  const held = { M: { currency: { S: 'EUR' }, minorUnits: { N: '1200' } } };
  await shop.put('PaymentsTable', {
    orderId: { S: 'doubtful' },
    status: { S: 'held' },
    checkId: { S: 'fra_1' },
    amount: held,
  });
  await shop.placeOrder('doubtful');
  await shop.call('ReviewPayment', { orderId: 'doubtful', decision: 'release', by: 'ann' });
  await shop.tellOfParcel('order-1');
  await shop.placeOrder('taken-back');
  await shop.call('CancelOrder', { orderId: 'taken-back' });
  await shop.settled();
  await shop.call('FindLinks', { module: 'orders', type: 'order', id: 'order-1' });
  for (const query of [{ orderId: 'order-1' }, { customerId: 'c1' }, { status: 'shipped' }]) {
    await shop.call('QueryOrders', query);
  }
  await exerciseApi(shop, token);
  await endAccount(shop, 'c1');
  await shop.call('QueryRevenue', { currency: 'EUR', period: '2026' });
  for (const readModel of ['OrderOverview', 'OrderTracking', 'RevenueByDay']) await rebuild(shop, readModel);
}

/** A customer who has ordered says what mail they want, and has their account deleted. */
async function endAccount(shop: ShopRun, accountId: string): Promise<void> {
  const [any] = (await shop.scan('Hub/Outbox')).filter(({ event }) => event !== undefined);
  if (any === undefined) throw new Error('no event in the outbox');
  const mails = { orders: true, delivery: true, news: true };
  await shop.commitOfAccount(any, accountId, [
    { definition: AccountPreferencesChanged, data: { language: 'en', mails } },
    { definition: AccountDeleted },
  ]);
  await shop.settled();
}

/** Orders that come over HTTP, from a partner, and all that can be asked and told there. */
async function exerciseApi({ request, settled }: ShopRun, token: string): Promise<void> {
  const order = { orderId: 'by-http', customerId: 'c1', lines: [{ sku: 'tea', quantity: 1 }] };
  const total = { currency: 'EUR', minorUnits: 1200 };
  const put = (route: string, body: object, status: number) =>
    request(route, { token, body: JSON.stringify(body) }, status);
  const place = (key: string, changes: object, status: number) =>
    request(
      'POST /orders',
      { token, headers: { 'idempotency-key': key }, body: JSON.stringify({ ...order, total, ...changes }) },
      status,
    );
  const read = (path: string) => request(`GET ${path}`, { token }, 200);

  await put('PUT /products/rice', { name: 'Rice', price: null }, 204);
  for (const status of [201, 200]) await put('PUT /receipts/r-1', { sku: 'rice', quantity: 5 }, status);
  for (const status of [202, 202]) await place('k-1', {}, status);
  await place('k-2', {}, 200);
  // its price is not cached yet
  await place('k-3', { orderId: 'taken-back', lines: [{ sku: 'rice', quantity: 1 }] }, 409);
  await place('k-4', { orderId: 'rice-1', lines: [{ sku: 'rice', quantity: 1 }], shippingAddress: ADDRESS }, 202);
  await request('POST /orders/rice-1/cancellation', { token }, 202);
  await settled();
  for (const path of [
    '/operations/by-http',
    '/orders/by-http',
    '/orders/by-http/payment',
    '/orders/by-http/shipment',
  ]) {
    await read(path);
  }
  for (const path of ['/orders?customerId=c1', '/web/orders/by-http', '/mobile/home', '/products']) await read(path);
}

/** Step by step: each comes as far as its time lets it. */
async function rebuild({ run, call }: ShopRun, readModel: string): Promise<void> {
  const { functionName } = madeAt(run.deployment.functions, `${readModel}/Rebuild`);
  await call(functionName, { action: 'start' });
  await eventually(async () => {
    const status = await call(functionName, { action: 'advance', forMs: 5_000 });
    if (!JSON.stringify(status).includes('"phase":"done"')) throw new Error(JSON.stringify(status));
  });
}

/** Begins the ids of events that the bus is to accept and not to deliver. */
export const LOST = 'lost';

/**
 * Two events each that a handler fails at, of which the bus loses the first: a strict consumer takes it from the log,
 * fails, asks for its inbox record, resends it, and hides its message for a while. And an event of a type that is
 * unknown: whether it was unknown before is read from the inbox table.
 */
export async function failEveryHandler(shop: ShopRun): Promise<void> {
  const events = await shop.scan('Hub/Outbox');
  const any = events.find(({ event }) => event !== undefined);
  if (any !== undefined) await shop.sendOfUnknownType(any);
  for (const [id, { takes, data = {}, row }] of Object.entries(TRIALS)) {
    const stored = events.find(({ type }) => type?.S === takes);
    if (stored === undefined) throw new Error(`no ${takes} in the outbox`);
    const orderId = `spoiled-${id}`;
    const [table, key] = row?.(orderId, objectAt(JSON.parse(recordOf(stored).body), 'data')) ?? [];
    const spoiled: AttributeValue = { BOOL: true };
    if (table !== undefined) await shop.put(table, { spoiled, ...key });
    await shop.commitLike(stored, { orderId, ...data }, [`${LOST}-${id}`, `carrier-${id}`]);
  }
}
