import { describe, expect, it } from 'vitest';
import { type EventDefinition, OPERATIONS_TABLE } from 'waybill';
import type { SubscriptionHandlers } from 'waybill/consumer';
import { createOperations, operationSchema } from 'waybill/http';
import { createHarness } from 'waybill/testing';
import { InventoryInsufficient, InventoryReserved } from '../../functions/inventory/events.ts';
import { OrderFulfilled, OrderFulfilmentFailed } from '../../functions/order-fulfilment/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { OrderCancelled } from '../../functions/orders/events.ts';
import { createOrdersHandlers } from '../../functions/orders/handler.ts';
import { createKeptAddresses, customerAddressSchema } from '../../functions/orders/kept-addresses.ts';
import { createOrchestratedOrdersHandlers } from '../../functions/orders/orchestrated-handler.ts';
import { type Order, orderSchema } from '../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../functions/orders/table.ts';
import { PaymentCaptured, PaymentFailed, PaymentRefunded } from '../../functions/payments/events.ts';
import { ShipmentCancelled, ShipmentCreated } from '../../functions/shipping/events.ts';

const orderId = '1042';
const amount = { currency: 'GBP', minorUnits: 13_912 };
const lines = [{ sku: 'TEA', quantity: 6 }];

const captured = [PaymentCaptured, { orderId, paymentId: 'p1', amount }] as const;
const failed = [PaymentFailed, { orderId, amount, reason: 'limit-exceeded' }] as const;
const refunded = [PaymentRefunded, { orderId, paymentId: 'p1', amount }] as const;
const reserved = [InventoryReserved, { orderId, lines }] as const;
const short = [InventoryInsufficient, { orderId, missing: [{ sku: 'TEA', wanted: 6, available: 5 }] }] as const;
const shipped = [ShipmentCreated, { orderId, shipmentId: 's1' }] as const;
const barred = [ShipmentCancelled, { orderId, reason: 'customer' }] as const;
const refused = [ShipmentCancelled, { orderId, reason: 'carrier' }] as const;
const fulfilled = [OrderFulfilled, { orderId }] as const;
const givenUp = [OrderFulfilmentFailed, { orderId, reason: 'timeout' }] as const;

type News = readonly [EventDefinition, object];
type State = readonly [Order['status'], Order['cancellationReason']?];

const itemOf = ([status, cancellationReason]: State) => ({
  orderId,
  customerId: '17850',
  lines,
  total: amount,
  status,
  ...(cancellationReason && { cancellationReason }),
  placedAt: '2026-11-20T06:00:00.000Z',
});

function createOrders(create: typeof createOrdersHandlers | typeof createOrchestratedOrdersHandlers) {
  const shop = createHarness({
    tables: {
      orders: ORDERS_TABLE,
      operations: OPERATIONS_TABLE,
      addresses: DELIVERY_ADDRESSES_TABLE,
      customerAddresses: CUSTOMER_ADDRESSES_TABLE,
    },
  });
  const operations = createOperations({ table: shop.table('operations', operationSchema), clock: shop.clock });
  const orders = shop.table('orders', (item) => orderSchema.parse(item));
  const addresses = createKeptAddresses({
    addresses: shop.table('addresses', (item) => deliveryAddressSchema.parse(item)),
    ofCustomers: shop.table('customerAddresses', (item) => customerAddressSchema.parse(item)),
    clock: shop.clock,
  });
  const handlers: SubscriptionHandlers = create({ orders, operations, addresses });
  return { shop, operations, orders: shop.serve(handlers) };
}

describe.each([
  ['choreographed', createOrdersHandlers],
  ['orchestrated', createOrchestratedOrdersHandlers],
] as const)('orders, %s', (_, create) => {
  it.each<[State, News, State]>([
    [['placed'], captured, ['paid']],
    [['paid'], captured, ['paid']],
    [['paid'], reserved, ['reserved']],
    [['paid'], short, ['cancelling', 'stock']],
    [['reserved'], shipped, ['shipped']],
    [['placed'], shipped, ['shipped']],
    [['reserved'], refused, ['cancelling', 'carrier']],
    [['shipped'], captured, ['shipped']],
    [['shipped'], short, ['shipped']],
    [['cancelling', 'customer'], captured, ['cancelling', 'customer']],
    [['cancelling', 'customer'], short, ['cancelling', 'customer']],
    [['cancelling', 'customer'], barred, ['cancelling', 'customer']],
    [['cancelling', 'customer'], shipped, ['shipped']],
    [['cancelled', 'stock'], barred, ['cancelled', 'stock']],
    [['cancelled', 'payment'], captured, ['cancelled', 'payment']],
  ])('in state %j, on %j, go to state %j', async (before, [definition, data], after) => {
    const { shop, orders } = createOrders(create);
    await shop.given({ items: { orders: [itemOf(before)] } });

    const outcome = await orders.when(definition, data);

    expect(outcome).toMatchObject({ kind: 'handled', events: [] });
    expect(shop.items('orders')).toStrictEqual([itemOf(after)]);
  });

  it('retry events of an order that they do not know yet', async () => {
    const { orders } = createOrders(create);

    const outcome = await orders.when(...captured);

    expect(outcome.failure).toMatchObject({ code: 'SHOP_ORDER_UNKNOWN', isFinal: false });
  });
});

describe('orders', () => {
  it.each<[State, News, string]>([
    [['placed'], failed, 'payment'],
    [['cancelling', 'customer'], failed, 'customer'],
    [['cancelling', 'stock'], refunded, 'stock'],
    [['cancelling', 'carrier'], refunded, 'carrier'],
  ])('that are choreographed and in state %j are cancelled on %j', async (before, news, reason) => {
    await expectCancelled(createOrdersHandlers, before, news, reason);
  });

  it.each<[State, News, string]>([
    [['placed'], givenUp, 'timeout'],
    [['cancelling', 'payment'], givenUp, 'payment'],
  ])('that are orchestrated and in state %j are cancelled on %j', async (before, news, reason) => {
    await expectCancelled(createOrchestratedOrdersHandlers, before, news, reason);
  });

  it.each<[State, News]>([
    [['cancelled', 'payment'], failed],
    [['cancelled', 'stock'], refunded],
    [['shipped'], refunded],
  ])('in state %j are not cancelled on %j', async (before, [definition, data]) => {
    const { shop, orders } = createOrders(createOrdersHandlers);
    await shop.given({ items: { orders: [itemOf(before)] } });

    const outcome = await orders.when(definition, data);

    expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
  });

  it('leave it to the saga to publish that an order is cancelled or fulfilled', async () => {
    const { shop, orders } = createOrders(createOrchestratedOrdersHandlers);
    await shop.given({ items: { orders: [itemOf(['placed'])] } });

    await orders.when(...failed);
    const between = shop.items('orders');
    await orders.when(...givenUp);

    expect(between).toMatchObject([{ status: 'cancelling', cancellationReason: 'payment' }]);
    expect(shop.items('orders')).toMatchObject([{ status: 'cancelled', cancellationReason: 'payment' }]);
  });

  it('are shipped after the saga has fulfilled them', async () => {
    const { shop, orders } = createOrders(createOrchestratedOrdersHandlers);
    await shop.given({ items: { orders: [itemOf(['reserved'])] } });

    await orders.when(...fulfilled);

    expect(shop.items('orders')).toMatchObject([{ status: 'shipped' }]);
  });
});

describe('the operation that places an order', () => {
  it.each<[string, State, News, object]>([
    [
      'has succeeded with the order that is shipped',
      ['reserved'],
      shipped,
      { status: 'succeeded', resource: '/orders/1042' },
    ],
    [
      'has failed with the reason of an order that is cancelled',
      ['placed'],
      failed,
      { status: 'failed', problem: { code: 'ORDER_PAYMENT_DECLINED', title: 'The payment was declined' } },
    ],
    ['runs as long as the order does', ['placed'], captured, { status: 'running' }],
  ])('%s', async (_, before, [definition, data], expected) => {
    const { shop, orders, operations } = createOrders(createOrdersHandlers);
    await shop.given({ items: { orders: [itemOf(before)] } });
    await shop.outbox.transact((tx) => operations.start(tx, orderId, 'place-order'));

    const outcome = await orders.when(definition, data);

    expect(outcome.kind).toBe('handled');
    expect(await operations.find(orderId)).toMatchObject({ operationId: orderId, kind: 'place-order', ...expected });
  });
});

async function expectCancelled(
  create: typeof createOrdersHandlers | typeof createOrchestratedOrdersHandlers,
  before: State,
  [definition, data]: News,
  reason: string,
) {
  const { shop, orders } = createOrders(create);
  await shop.given({ items: { orders: [itemOf(before)] } });

  const outcome = await orders.when(definition, data);
  const repeated = await orders.again({ forgotten: true });

  expect(shop.items('orders')).toMatchObject([{ status: 'cancelled', cancellationReason: reason }]);
  expect(outcome.eventsOf(OrderCancelled)).toMatchObject([{ data: { orderId, customerId: '17850', reason } }]);
  expect(repeated).toMatchObject({ kind: 'handled', writes: [], events: [] });
}
