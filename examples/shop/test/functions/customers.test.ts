import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness } from 'waybill/testing';
import { AccountRegistered } from '../../functions/accounts/events.ts';
import { customerItemSchema } from '../../functions/customers/customer.ts';
import { CustomerRegistered } from '../../functions/customers/events.ts';
import { createCustomersHandlers } from '../../functions/customers/handler.ts';
import { CUSTOMERS_TABLE } from '../../functions/customers/table.ts';
import { OrderCancelled, OrderPlaced } from '../../functions/orders/events.ts';
import { ShipmentCreated } from '../../functions/shipping/events.ts';

const placed = (orderId: string, customerId = 'ann') => ({
  orderId,
  customerId,
  lines: [{ sku: 'TEA', quantity: 1 }],
  total: { currency: 'GBP', minorUnits: 250 },
});
const shipped = (orderId: string) => ({ orderId, shipmentId: `shipment-${orderId}` });
const cancelled = (orderId: string, customerId = 'ann') => ({ orderId, customerId, reason: 'stock' as const });

function createRig() {
  const shop = createHarness({ tables: { customers: CUSTOMERS_TABLE } });
  const table = shop.table('customers', (item) => customerItemSchema.parse(item));
  const customers = shop.serve(createCustomersHandlers({ table }));
  const countsOf = async (customerId: string) => {
    const item = await table.get({ id: `customer#${customerId}` });
    return item?.kind === 'customer' ? [item.placed, item.shipped, item.cancelled] : undefined;
  };
  return { shop, customers, countsOf };
}

describe('customers', () => {
  it('registers a customer with the first order, once', async () => {
    const { customers, countsOf } = createRig();

    const first = await customers.when(OrderPlaced, placed('1001'));
    const second = await customers.when(OrderPlaced, placed('1002'));

    expect(first.eventsOf(CustomerRegistered)).toMatchObject([
      { data: { customerId: 'ann', by: 'order' }, partitionkey: 'customer#ann' },
    ]);
    expect(second.events).toStrictEqual([]);
    expect(await countsOf('ann')).toStrictEqual([2, 0, 0]);
  });

  it('registers a customer with an account, once, and welcomes nobody again with the first order', async () => {
    const { customers, countsOf } = createRig();

    const first = await customers.when(AccountRegistered, { accountId: 'ann' });
    const order = await customers.when(OrderPlaced, placed('1001'));
    const again = await customers.when(AccountRegistered, { accountId: 'ann' });

    expect(first.eventsOf(CustomerRegistered)).toMatchObject([{ data: { customerId: 'ann', by: 'account' } }]);
    expect([...order.events, ...again.events]).toStrictEqual([]);
    expect(await countsOf('ann')).toStrictEqual([1, 0, 0]);
  });

  it('leaves a customer as it is whose account comes after the first order', async () => {
    const { customers, countsOf } = createRig();
    await customers.when(OrderPlaced, placed('1001'));

    const account = await customers.when(AccountRegistered, { accountId: 'ann' });

    expect(account.events).toStrictEqual([]);
    expect(await countsOf('ann')).toStrictEqual([1, 0, 0]);
  });

  it('counts the outcomes of orders by customer', async () => {
    const { customers, countsOf } = createRig();
    for (const [orderId, customerId] of [
      ['1', 'ann'],
      ['2', 'ann'],
      ['3', 'bob'],
    ] as const) {
      await customers.when(OrderPlaced, placed(orderId, customerId));
    }

    await customers.when(ShipmentCreated, shipped('1'));
    await customers.when(OrderCancelled, cancelled('2'));

    expect(await countsOf('ann')).toStrictEqual([2, 1, 1]);
    expect(await countsOf('bob')).toStrictEqual([1, 0, 0]);
  });

  it.each([{}, { forgotten: true }])('counts an event once if it is delivered again: %j', async (options) => {
    const { customers, countsOf } = createRig();
    await customers.when(OrderPlaced, placed('1'));
    await customers.again(options);
    await customers.when(ShipmentCreated, shipped('1'), { crash: 'after-commit' });

    await customers.again(options);

    expect(await countsOf('ann')).toStrictEqual([1, 1, 0]);
  });

  it('retries events of an order that it does not know yet', async () => {
    const { customers } = createRig();

    const outcome = await customers.when(ShipmentCreated, shipped('1'));

    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'SHOP_ORDER_UNKNOWN', isFinal: false } });
  });

  it('counts every order once, in any order of deliveries, with duplicates and crashes', async () => {
    const customerOf = fc.constantFrom('ann', 'bob');
    const fate = fc.constantFrom('shipped', 'cancelled', 'open');

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ customerId: customerOf, fate }), { minLength: 1, maxLength: 6 }),
        fc.integer(),
        async (orders, seed) => {
          const { shop, countsOf } = createRig();
          for (const [index, { customerId }] of orders.entries()) {
            await shop.publish(OrderPlaced, placed(`order-${index}`, customerId));
          }
          for (const [index, order] of orders.entries()) {
            const orderId = `order-${index}`;
            if (order.fate === 'shipped') await shop.publish(ShipmentCreated, shipped(orderId));
            if (order.fate === 'cancelled') await shop.publish(OrderCancelled, cancelled(orderId, order.customerId));
          }

          const { deadLetters } = await shop.runToEnd({ seed, duplicates: 0.3, crashes: 0.1, concurrency: 4 });

          expect(deadLetters).toStrictEqual([]);

          for (const customerId of ['ann', 'bob']) {
            const own = orders.filter((order) => order.customerId === customerId);
            const having = (wanted: string) => own.filter((order) => order.fate === wanted).length;
            const expected = own.length === 0 ? undefined : [own.length, having('shipped'), having('cancelled')];
            expect(await countsOf(customerId)).toStrictEqual(expected);
          }
          expect(shop.events(CustomerRegistered)).toHaveLength(new Set(orders.map((order) => order.customerId)).size);
        },
      ),
      { numRuns: 30 },
    );
  });
});
