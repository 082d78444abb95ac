import { Logger } from '@aws-lambda-powertools/logger';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { createTenancy, createTenantTable } from 'waybill/tenancy';
import { createInMemoryTableStore } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { createTestOutbox } from '../../../../test/fixtures/outbox.ts';
import type { Prices } from '../../functions/catalog/price-list.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { createKeptAddresses, customerAddressSchema } from '../../functions/orders/kept-addresses.ts';
import { orderSchema } from '../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../functions/orders/table.ts';
import { createPlaceOrder } from '../../functions/place-order/handler.ts';

const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

const COMMAND = {
  orderId: '536365',
  customerId: '17850',
  lines: [{ sku: 'TEA-LIGHT', quantity: 6 }],
  total: gbp(13_912),
};

const ADDRESS = { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', postalCode: 'LS1 4AP', country: 'GB' };

const METHOD = { token: 'tok_8sd7f6', brand: 'visa', last4: '4242' };

const FULL_COMMAND = { ...COMMAND, shippingAddress: ADDRESS, paymentMethod: METHOD };

const OPEN_PRICE: Prices = new Map([['TEA-LIGHT', null]]);

/** @param cached what the cache says @param fresh what the products say */
function createRig(cached: Prices = OPEN_PRICE, fresh: Prices = cached) {
  const { outbox, store, tables, clock } = createTestOutbox({
    orders: ['orderId'],
    addresses: ['orderId'],
    'customer-addresses': CUSTOMER_ADDRESSES_TABLE,
  });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const orders = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'orders',
    schema: ORDERS_TABLE,
    parse: (item) => orderSchema.parse(item),
  });
  const addresses = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'addresses',
    schema: DELIVERY_ADDRESSES_TABLE,
    parse: (item) => deliveryAddressSchema.parse(item),
  });
  const ofCustomers = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'customer-addresses',
    schema: CUSTOMER_ADDRESSES_TABLE,
    parse: (item) => customerAddressSchema.parse(item),
  });
  let current = { cached, fresh };
  const placeOrder = createPlaceOrder({
    orders,
    addresses: createKeptAddresses({ addresses, ofCustomers, clock }),
    priceList: { read: async (_skus, options) => (options?.fresh === true ? current.fresh : current.cached) },
    outbox,
    tenancy,
    clock,
    logger: new Logger({ logLevel: 'SILENT' }),
  });
  return {
    store,
    placeOrder: (command: unknown) => placeOrder(command, lambdaContext()),
    changePrices: (prices: Prices) => {
      current = { cached: prices, fresh: prices };
    },
  };
}

describe('place-order', () => {
  it('writes the order and its event together', async () => {
    const { placeOrder, store } = createRig();

    expect(await placeOrder(COMMAND)).toStrictEqual({ orderId: '536365', outcome: 'placed' });

    expect(store.items('orders')).toMatchObject([
      { orderId: { S: '536365' }, status: { S: 'placed' }, placedAt: { S: '2026-11-20T06:00:00.000Z' } },
    ]);
    expect(store.events).toMatchObject([{ type: 'com.example.order.placed', group: 'order#536365', sequence: 1 }]);
  });

  it('answers the same command again without writing again', async () => {
    const { placeOrder, store } = createRig();
    await placeOrder(COMMAND);

    expect(await placeOrder(COMMAND)).toStrictEqual({ orderId: '536365', outcome: 'already-placed' });

    expect(store.events).toHaveLength(1);
  });

  it.each([
    ['customer', { customerId: 'somebody else' }],
    ['goods', { lines: [{ sku: 'ASSORTED', quantity: 2 }] }],
    ['total', { total: { currency: 'GBP', minorUnits: 1 } }],
  ])('rejects another %s under the id of an order', async (_, other) => {
    const { placeOrder, store } = createRig();
    await placeOrder(COMMAND);

    await expect(placeOrder({ ...COMMAND, ...other })).rejects.toMatchObject({
      code: 'PLACE_ORDER_ID_TAKEN',
      message:
        "place-order cannot be done: '536365' came before with other content; nothing was done again: choose another id",
    });

    expect(store.events).toHaveLength(1);
  });

  it('keeps the address with the order for 90 days, and puts no more than its country into the event', async () => {
    const { placeOrder, store } = createRig();

    await placeOrder(FULL_COMMAND);

    expect(store.items('addresses').map((item) => unmarshall(item))).toStrictEqual([
      { orderId: '536365', address: ADDRESS, expires: Date.parse('2027-02-18T06:00:00Z') / 1000 },
    ]);
    const [event] = store.events;
    expect(JSON.parse(event?.body ?? '')).toMatchObject({ data: { destination: 'GB', paymentMethod: METHOD } });
    expect(JSON.stringify([store.events, store.items('orders')])).not.toMatch(/Ada|Tea Lane|Leeds|LS1/);
  });

  it('shows of the payment method what people may see', async () => {
    const { placeOrder, store } = createRig();

    await placeOrder(FULL_COMMAND);

    const [order = {}] = store.items('orders');
    expect(unmarshall(order)['paymentMethod']).toStrictEqual({ brand: 'visa', last4: '4242' });
  });

  it.each([
    ['another address', { shippingAddress: { ...ADDRESS, line1: '13 Tea Lane' } }],
    ['no address', { shippingAddress: undefined }],
    ['another card', { paymentMethod: { ...METHOD, last4: '1881' } }],
  ])('rejects %s under the id of an order', async (_, other) => {
    const { placeOrder } = createRig();
    await placeOrder(FULL_COMMAND);

    await expect(placeOrder({ ...FULL_COMMAND, ...other })).rejects.toMatchObject({ code: 'PLACE_ORDER_ID_TAKEN' });
  });

  it('takes the same card with a new token for the same command', async () => {
    const { placeOrder } = createRig();
    await placeOrder(FULL_COMMAND);

    const again = placeOrder({ ...FULL_COMMAND, paymentMethod: { ...METHOD, token: 'tok_new' } });

    expect(await again).toMatchObject({ outcome: 'already-placed' });
  });

  it.each([
    ['paymentMethod.token', { paymentMethod: { ...METHOD, token: '4242424242424242' } }],
    ['paymentMethod.token', { paymentMethod: { ...METHOD, token: 'card_4242-4242-4242-4242' } }],
    ['paymentMethod.last4', { paymentMethod: { ...METHOD, last4: '4242424242424242' } }],
    ['paymentMethod', { paymentMethod: { ...METHOD, cardNumber: '4242424242424242' } }],
    ['shippingAddress.line2', { shippingAddress: { ...ADDRESS, line2: 'card 4242 4242 4242 4242' } }],
  ])('refuses a card number in %s, and does not repeat it', async (member, content) => {
    const { placeOrder, store } = createRig();

    const refused = await placeOrder({ ...COMMAND, ...content }).catch((error: Error) => error.message);

    expect(refused).toMatch(new RegExp(`^place-order cannot be done: ${member}: `));
    expect(refused).not.toMatch(/4242/);
    expect(store.events).toStrictEqual([]);
  });

  it('rejects an incomplete command, and names every invalid member', async () => {
    const { placeOrder, store } = createRig();

    await expect(
      placeOrder({ ...COMMAND, lines: [], total: { currency: 'pounds', minorUnits: 1.5 } }),
    ).rejects.toMatchObject({
      code: 'PLACE_ORDER_INVALID',
      message: expect.stringMatching(
        /lines: .*; total\.currency: must be an ISO 4217 code like GBP; total\.minorUnits: /,
      ),
    });
    expect(store.events).toStrictEqual([]);
  });
});

describe('place-order and the price list', () => {
  const PRICES: Prices = new Map([
    ['TEA-LIGHT', gbp(250)],
    ['CUP', gbp(825)],
    ['ASSORTED', null],
    ['KAFFEE', { currency: 'EUR', minorUnits: 990 }],
  ]);
  const order = (lines: readonly [sku: string, quantity: number][], total: object) => ({
    ...COMMAND,
    lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
    total,
  });

  it.each([
    [
      'the sum of its lines',
      order(
        [
          ['TEA-LIGHT', 3],
          ['CUP', 1],
          ['TEA-LIGHT', 1],
        ],
        gbp(1_825),
      ),
    ],
    [
      'any total if a product has no fixed price',
      order(
        [
          ['TEA-LIGHT', 3],
          ['ASSORTED', 1],
        ],
        gbp(7),
      ),
    ],
  ])('places an order of %s', async (_, command) => {
    expect(await createRig(PRICES).placeOrder(command)).toMatchObject({ outcome: 'placed' });
  });

  it.each([
    [
      'unknown SKUs, and names each',
      order(
        [
          ['TEA-LIGHT', 1],
          ['COFFEE', 1],
          ['SALT', 2],
          ['SALT', 1],
        ],
        gbp(250),
      ),
      'PLACE_ORDER_SKU_UNKNOWN',
      "the catalog has no product 'COFFEE', 'SALT': add it with change-product",
    ],
    [
      'another total, and names the expected one',
      order([['TEA-LIGHT', 2]], gbp(499)),
      'PLACE_ORDER_TOTAL_WRONG',
      'its total is 499 minor units of GBP, by the price list its lines cost 500 minor units of GBP',
    ],
    [
      'the total in another currency',
      order([['TEA-LIGHT', 2]], { currency: 'EUR', minorUnits: 500 }),
      'PLACE_ORDER_TOTAL_WRONG',
      'its total is 500 minor units of EUR, by the price list its lines cost 500 minor units of GBP',
    ],
    [
      'prices in two currencies',
      order(
        [
          ['TEA-LIGHT', 1],
          ['KAFFEE', 1],
        ],
        gbp(1_240),
      ),
      'PLACE_ORDER_CURRENCIES_MIXED',
      'its lines have prices in GBP and EUR',
    ],
  ])('refuses %s', async (_, command, code, message) => {
    const { placeOrder, store } = createRig(PRICES);

    await expect(placeOrder(command)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`the order cannot be placed: ${message}`),
    });
    expect(store.events).toStrictEqual([]);
  });

  it('reads the products table before it rejects an order by the cached price list', async () => {
    const { placeOrder } = createRig(new Map(), PRICES);

    expect(await placeOrder(order([['TEA-LIGHT', 2]], gbp(500)))).toMatchObject({ outcome: 'placed' });
  });

  it('answers the command of a placed order as before, even if prices have changed', async () => {
    const { placeOrder, changePrices } = createRig(PRICES);
    await placeOrder(order([['TEA-LIGHT', 2]], gbp(500)));
    changePrices(new Map([['TEA-LIGHT', gbp(300)]]));

    expect(await placeOrder(order([['TEA-LIGHT', 2]], gbp(500)))).toMatchObject({ outcome: 'already-placed' });
  });
});
