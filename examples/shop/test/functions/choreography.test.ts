import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderCancelled } from '../../functions/orders/events.ts';
import { createChoreographedShop } from './choreographed-shop.ts';

const PRICE = 500;
const DECLINED = 100_000;

const typesOf = ({ shop }: ReturnType<typeof createChoreographedShop>) =>
  shop.events().map(({ type }) => type.replace('com.example.', ''));

describe('the choreographed shop', () => {
  it('ships an order that is paid and in stock', async () => {
    const world = createChoreographedShop();
    await world.stockUp(5);
    await world.place('1001', 2, 2 * PRICE);

    const { deadLetters } = await world.shop.runToEnd();

    expect(deadLetters).toStrictEqual([]);
    expect(typesOf(world)).toStrictEqual([
      'order.placed',
      'payment.captured',
      'inventory.reserved',
      'shipment.created',
    ]);
    expect(world.shop.items('orders')).toMatchObject([{ orderId: '1001', status: 'shipped' }]);
    expect(world.shop.items('stock')).toMatchObject([{ sku: 'TEA', available: 3 }]);
  });

  it('undoes shipment, stock, payment and order, in this order, if the carrier refuses', async () => {
    const world = createChoreographedShop({ refusedParcels: ['1001'] });
    await world.stockUp(5);
    await world.place('1001', 2, 2 * PRICE);

    await world.shop.runToEnd();

    expect(typesOf(world).slice(3)).toStrictEqual([
      'shipment.cancelled',
      'inventory.released',
      'payment.refunded',
      'order.cancelled',
    ]);
    expect(world.shop.events(OrderCancelled)).toMatchObject([{ data: { reason: 'carrier' } }]);
    expect(world.shop.items('stock')).toMatchObject([{ available: 5 }]);
  });

  it('keeps the orders of tenants apart, with the same ids', async () => {
    const world = createChoreographedShop({ tenancy: 'required' });
    await world.stockUp(5, 'acme');
    await world.stockUp(0, 'zenith');
    await world.place('1001', 2, 2 * PRICE, 'acme');
    await world.place('1001', 1, PRICE, 'zenith');

    await world.shop.runToEnd();

    expect(world.shop.items('orders', { tenantId: 'acme' })).toMatchObject([{ orderId: '1001', status: 'shipped' }]);
    expect(world.shop.items('orders', { tenantId: 'zenith' })).toMatchObject([
      { orderId: '1001', status: 'cancelled', cancellationReason: 'stock' },
    ]);
  });

  it('ships or undoes each order completely, despite cancellations, races, duplicates and crashes', async () => {
    const fates = fc.array(
      fc.record({
        declined: fc.boolean(),
        refused: fc.boolean(),
        cancelled: fc.boolean(),
        quantity: fc.constantFrom(1, 3),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const runs = fc.record({
      seed: fc.nat(),
      duplicates: fc.constantFrom(0, 0.2),
      crashes: fc.constantFrom(0, 0.2),
      concurrency: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fates, fc.nat({ max: 6 }), fc.nat({ max: 12 }), runs, async (orders, stocked, before, run) => {
        const idOf = (index: number) => `100${index}`;
        const refusedParcels = orders.flatMap(({ refused }, index) => (refused ? [idOf(index)] : []));
        const world = createChoreographedShop({ refusedParcels });
        const { shop, gateway, carrier } = world;
        await world.stockUp(stocked);
        for (const [index, { quantity, declined }] of orders.entries()) {
          await world.place(idOf(index), quantity, declined ? DECLINED : quantity * PRICE);
        }

        const first = await shop.runToEnd({ ...run, stopAfter: before });
        for (const [index, { cancelled }] of orders.entries()) if (cancelled) await world.cancel(idOf(index));
        const second = await shop.runToEnd({ ...run, seed: run.seed + 1 });

        // five crashes in a row take an event to the DLQ, as they should
        fc.pre(first.deadLetters.length + second.deadLetters.length === 0);
        const shipped = shop.items('orders').filter(({ status }) => status === 'shipped');
        const lost = shop.items('orders').filter(({ status }) => status === 'cancelled');
        const pieces = orders.reduce(
          (sum, { quantity }, index) => sum + (shipped.some(({ orderId }) => orderId === idOf(index)) ? quantity : 0),
          0,
        );
        const moneyOf = (moved: readonly { readonly amount: { readonly minorUnits: number } }[]) =>
          moved.reduce((sum, { amount }) => sum + amount.minorUnits, 0);
        expect(shipped.length + lost.length).toBe(orders.length);
        expect(shop.events(OrderCancelled)).toHaveLength(lost.length);
        expect(shop.items('stock')).toMatchObject([{ available: stocked - pieces }]);
        expect(moneyOf(gateway.charges) - moneyOf(gateway.refunds)).toBe(pieces * PRICE);
        expect(carrier.bookings.map(({ orderId }) => orderId).toSorted()).toStrictEqual(
          shipped.map(({ orderId }) => orderId).toSorted(),
        );
      }),
      { numRuns: 100 },
    );
  });
});
