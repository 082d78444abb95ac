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

  it('charges a held payment only after a person has released it', async () => {
    const world = createChoreographedShop({ heldPayments: ['1001'] });
    await world.stockUp(5);
    await world.place('1001', 2, 2 * PRICE);

    await world.shop.runToEnd();
    expect(world.gateway.charges).toStrictEqual([]);
    expect(world.shop.items('orders')).toMatchObject([{ status: 'in-review' }]);
    await world.review('1001', 'release');
    await world.shop.runToEnd();

    expect(world.gateway.charges).toHaveLength(1);
    expect(world.shop.items('orders')).toMatchObject([{ status: 'shipped' }]);
    expect(world.shop.items('audit')).toMatchObject([
      { what: 'held' },
      { what: 'released', by: 'ann' },
      { what: 'charged', paymentId: world.gateway.charges[0]?.paymentId },
    ]);
  });

  it('cancels an order whose payment a person refuses, and charges nothing', async () => {
    const world = createChoreographedShop({ heldPayments: ['1001'] });
    await world.place('1001', 2, 2 * PRICE);
    await world.shop.runToEnd();

    await world.review('1001', 'refuse');
    await world.shop.runToEnd();

    expect(world.shop.items('orders')).toMatchObject([{ status: 'cancelled', cancellationReason: 'payment' }]);
    expect(world.gateway.charges).toStrictEqual([]);
  });

  it('cancels a held order at once if its customer does, without waiting for a person', async () => {
    const world = createChoreographedShop({ heldPayments: ['1001'] });
    await world.place('1001', 2, 2 * PRICE);
    await world.shop.runToEnd();

    await world.cancel('1001');
    await world.shop.runToEnd();

    expect(world.shop.items('orders')).toMatchObject([{ status: 'cancelled', cancellationReason: 'customer' }]);
    expect(world.shop.items('payments')).toMatchObject([{ status: 'failed', reason: 'order-cancelled' }]);
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
        review: fc.constantFrom(undefined, undefined, 'release', 'refuse'),
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
        const heldPayments = orders.flatMap(({ review }, index) => (review === undefined ? [] : [idOf(index)]));
        const world = createChoreographedShop({ refusedParcels, heldPayments });
        const { shop, gateway, carrier } = world;
        await world.stockUp(stocked);
        for (const [index, { quantity, declined }] of orders.entries()) {
          await world.place(idOf(index), quantity, declined ? DECLINED : quantity * PRICE);
        }

        const first = await shop.runToEnd({ ...run, stopAfter: before });
        for (const [index, { cancelled }] of orders.entries()) if (cancelled) await world.cancel(idOf(index));
        for (const [index, { review }] of orders.entries()) if (review) await world.review(idOf(index), review);
        const second = await shop.runToEnd({ ...run, seed: run.seed + 1 });
        for (const [index, { review }] of orders.entries()) if (review) await world.review(idOf(index), review);
        const third = await shop.runToEnd({ ...run, seed: run.seed + 2 });

        // five crashes in a row take an event to the DLQ, as they should
        fc.pre(first.deadLetters.length + second.deadLetters.length + third.deadLetters.length === 0);
        const shipped = shop.items('orders').filter(({ status }) => status === 'shipped');
        const lost = shop.items('orders').filter(({ status }) => status === 'cancelled');
        const pieces = orders.reduce(
          (sum, { quantity }, index) => sum + (shipped.some(({ orderId }) => orderId === idOf(index)) ? quantity : 0),
          0,
        );
        const moneyOf = (moved: readonly { readonly amount: { readonly minorUnits: number } }[]) =>
          moved.reduce((sum, { amount }) => sum + amount.minorUnits, 0);
        expect(shipped.length + lost.length).toBe(orders.length);
        // whom a person refuses is not charged, whatever else happened
        const refusedIds = orders.flatMap(({ review }, index) => (review === 'refuse' ? [idOf(index)] : []));
        expect(gateway.charges.filter(({ orderId }) => refusedIds.includes(orderId))).toStrictEqual([]);
        const acts = shop.items('audit').map(({ what }) => what);
        expect(acts.filter((what) => what === 'charged')).toHaveLength(gateway.charges.length);
        expect(acts.filter((what) => what === 'refunded')).toHaveLength(gateway.refunds.length);
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
