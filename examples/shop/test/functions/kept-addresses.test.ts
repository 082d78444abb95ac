import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS_TABLE } from 'waybill';
import { createOperations, operationSchema } from 'waybill/http';
import { createHarness } from 'waybill/testing';
import { AccountDeleted } from '../../functions/accounts/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { createOrdersHandlers } from '../../functions/orders/handler.ts';
import { createKeptAddresses, customerAddressSchema } from '../../functions/orders/kept-addresses.ts';
import { createOrchestratedOrdersHandlers } from '../../functions/orders/orchestrated-handler.ts';
import { orderSchema } from '../../functions/orders/order.ts';
import { CUSTOMER_ADDRESSES_TABLE, DELIVERY_ADDRESSES_TABLE, ORDERS_TABLE } from '../../functions/orders/table.ts';
import { PaymentFailed } from '../../functions/payments/events.ts';
import { ShipmentCreated } from '../../functions/shipping/events.ts';

const address = { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', country: 'GB' };
const amount = { currency: 'GBP', minorUnits: 250 };

function createRig() {
  const shop = createHarness({
    tables: {
      orders: ORDERS_TABLE,
      operations: OPERATIONS_TABLE,
      addresses: DELIVERY_ADDRESSES_TABLE,
      ofCustomers: CUSTOMER_ADDRESSES_TABLE,
    },
  });
  const orders = shop.table('orders', (item) => orderSchema.parse(item));
  const kept = createKeptAddresses({
    addresses: shop.table('addresses', (item) => deliveryAddressSchema.parse(item)),
    ofCustomers: shop.table('ofCustomers', (item) => customerAddressSchema.parse(item)),
    clock: shop.clock,
  });
  const operations = createOperations({ table: shop.table('operations', operationSchema), clock: shop.clock });
  const handlers = createOrdersHandlers({ orders, operations, addresses: kept });
  return {
    shop,
    kept,
    service: shop.serve(handlers),
    async place(orderId: string, customerId = 'ann') {
      await shop.outbox.transact((tx) => {
        const content = { orderId, customerId, lines: [{ sku: 'TEA', quantity: 1 }], total: amount };
        orders.within(tx).put({ Item: { ...content, status: 'placed', placedAt: '2026-11-20T06:00:00.000Z' } });
        kept.keep(tx, content, address);
      });
    },
    left: () => shop.items('addresses').map(({ orderId }) => orderId),
  };
}

const ship = (orderId: string) => [ShipmentCreated, { orderId, shipmentId: `s-${orderId}` }] as const;

describe('the addresses of a customer', () => {
  it('go with the account, and those of other customers stay', async () => {
    const { service, place, left } = createRig();
    await place('1');
    await place('2', 'bob');
    for (const orderId of ['1', '2']) await service.when(...ship(orderId));
    expect(left()).toStrictEqual(['1', '2']);

    await service.when(AccountDeleted, { accountId: 'ann' });

    expect(left()).toStrictEqual(['2']);
  });

  it.each([
    ['shipped', ship('1')],
    ['cancelled', [PaymentFailed, { orderId: '1', amount, reason: 'limit-exceeded' }] as const],
  ] as const)('stay as long as their order needs them, until it is %s', async (_, [definition, data]) => {
    const { service, place, left } = createRig();
    await place('1');

    await service.when(AccountDeleted, { accountId: 'ann' });
    const before = left();
    await service.when(definition, data);

    expect([before, left()]).toStrictEqual([['1'], []]);
  });

  it('go as well if the order was placed with a token that outlived the account', async () => {
    const { service, place, left } = createRig();
    await service.when(AccountDeleted, { accountId: 'ann' });
    await place('1');

    await service.when(...ship('1'));

    expect(left()).toStrictEqual([]);
  });

  it('go whole, however many there are', async () => {
    const { service, place, left } = createRig();
    const orderIds = Array.from({ length: 34 }, (_, index) => `order-${index}`);
    for (const orderId of orderIds) await place(orderId);
    for (const orderId of orderIds) await service.when(...ship(orderId));

    await service.when(AccountDeleted, { accountId: 'ann' });

    expect(left()).toStrictEqual([]);
  });

  it('go in the orchestrated form, too', () => {
    const deps = createRig();
    const handlers = createOrchestratedOrdersHandlers({
      orders: deps.shop.table('orders', (item) => orderSchema.parse(item)),
      operations: createOperations({ table: deps.shop.table('operations', operationSchema), clock: deps.shop.clock }),
      addresses: deps.kept,
    });

    expect(handlers.subscription.events).toContain(AccountDeleted);
  });

  it('of an order without an address, or from before addresses were kept by customer, need nothing', async () => {
    const { shop, service } = createRig();
    const order = { orderId: '1', customerId: 'ann', lines: [{ sku: 'TEA', quantity: 1 }], total: amount };
    await shop.given({ items: { orders: [{ ...order, status: 'paid', placedAt: '2026-11-20T06:00:00.000Z' }] } });

    expect(await service.when(...ship('1'))).toMatchObject({ kind: 'handled' });
  });

  it('are gone in the end, in whatever order orders and accounts end, and with any crashes', async () => {
    const step = fc.record({
      what: fc.constantFrom('place', 'ship', 'delete' as const),
      order: fc.constantFrom('1', '2', '3'),
      crash: fc.option(fc.constantFrom('before-commit' as const, 'after-commit' as const), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { service, place, left } = createRig();
        const placed = new Set<string>();
        const shipped = new Set<string>();
        let isGone = false;
        for (const { what, order, crash } of steps) {
          const options = crash === undefined ? {} : { crash };
          if (what === 'place' && !placed.has(order)) {
            await place(order);
            placed.add(order);
          } else if (what === 'ship' && placed.has(order) && !shipped.has(order)) {
            await service.when(...ship(order), options);
            if (crash !== undefined) await service.again();
            shipped.add(order);
          } else if (what === 'delete' && !isGone) {
            await service.when(AccountDeleted, { accountId: 'ann' }, options);
            if (crash !== undefined) await service.again();
            isGone = true;
          }
        }
        const open = [...placed].filter((order) => !shipped.has(order));
        expect(left().toSorted()).toStrictEqual((isGone ? open : [...placed]).toSorted());
      }),
      { numRuns: 100 },
    );
  });

  it.each(['the account first', 'the order first'])(
    'are gone if both end at the same moment: %s commits',
    async (first) => {
      const { shop, kept, place, left } = createRig();
      await place('1');
      const order = { orderId: '1', customerId: 'ann' };
      const deletion = async () => {
        for (;;) {
          try {
            return await kept.customerGone('ann');
          } catch {
            // as a consumer does that has lost a race
          }
        }
      };

      if (first === 'the order first') {
        await shop.outbox.transact(async (tx) => {
          await kept.orderEnded(tx, order);
        });
        await deletion();
      } else {
        // the end of the order has read that the account is there
        const ended = shop.outbox.transact(async (tx) => {
          await kept.orderEnded(tx, order);
          await deletion();
        });
        await expect(ended).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
        await shop.outbox.transact((tx) => kept.orderEnded(tx, order));
      }

      expect(left()).toStrictEqual([]);
      expect(shop.items('ofCustomers')).toMatchObject([{ orderId: '#gone' }]);
    },
  );
});
