import { describe, expect, it } from 'vitest';
import type { CloudEvent } from 'waybill';
import { PaymentRefunded } from '../../../functions/payments/events.ts';
import { createShopWorld, type ShopWorldOptions } from './shop-world.ts';

const ORDER = '1001';
const TEA = [{ sku: 'TEA', quantity: 2 }];

/** A shop with five pieces of tea and an order of two. */
async function withOrder(minorUnits = 900, options: ShopWorldOptions = {}) {
  const world = createShopWorld(options);
  await world.receive('receipt-1', 'TEA', 5);
  await world.place(ORDER, TEA, minorUnits);
  return world;
}

type World = Awaited<ReturnType<typeof withOrder>>;

function service({ services }: World, name: string) {
  const found = services.find(({ subscription }) => subscription.name === name);
  if (found === undefined) throw new Error(`no service '${name}'`);
  return found;
}

const typesOf = (events: readonly CloudEvent[]) => events.map(({ type }) => type.replace('com.example.', ''));
const dataOf = (events: readonly CloudEvent[], type: string) =>
  events.find((event) => event.type === `com.example.${type}`)?.data;

describe('an order', () => {
  it('is paid, reserved and shipped', async () => {
    const world = await withOrder();

    await world.settle([ORDER]);

    expect(typesOf(world.eventsOf(ORDER))).toStrictEqual([
      'order.placed',
      'payment.captured',
      'inventory.reserved',
      'shipment.created',
    ]);
    expect(await world.order(ORDER)).toMatchObject({ status: 'shipped' });
    expect(await world.available('TEA')).toBe(3);
  });

  it('is cancelled if its payment is declined, and uses no stock', async () => {
    const world = await withOrder(100_000);

    await world.settle([ORDER]);

    expect(typesOf(world.eventsOf(ORDER))).toStrictEqual(['order.placed', 'payment.failed', 'order.cancelled']);
    expect(await world.order(ORDER)).toMatchObject({ status: 'cancelled', cancellationReason: 'payment' });
    expect(await world.available('TEA')).toBe(5);
  });

  it('is refunded and cancelled if stock is short, and the shortage is reported by product', async () => {
    const world = await withOrder();
    await world.place(
      '1002',
      [
        { sku: 'TEA', quantity: 4 },
        { sku: 'CUP', quantity: 1 },
        { sku: 'TEA', quantity: 2 },
      ],
      500,
    );

    await world.settle(['1002']);

    const events = world.eventsOf('1002');
    expect(typesOf(events)).toStrictEqual([
      'order.placed',
      'payment.captured',
      'inventory.insufficient',
      'payment.refunded',
      'order.cancelled',
    ]);
    expect(dataOf(events, 'inventory.insufficient')).toStrictEqual({
      orderId: '1002',
      missing: [
        { sku: 'TEA', wanted: 6, available: 5 },
        { sku: 'CUP', wanted: 1, available: 0 },
      ],
    });
    expect(dataOf(events, 'order.cancelled')).toMatchObject({ customerId: 'customer-1', reason: 'stock' });
  });

  it('is compensated in reverse order if the carrier refuses its parcel', async () => {
    const world = await withOrder(900, { refusedParcels: [ORDER] });

    await world.settle([ORDER]);

    expect(typesOf(world.eventsOf(ORDER)).slice(3)).toStrictEqual([
      'shipment.cancelled',
      'inventory.released',
      'payment.refunded',
      'order.cancelled',
    ]);
    expect(await world.order(ORDER)).toMatchObject({ status: 'cancelled', cancellationReason: 'carrier' });
    expect(await world.available('TEA')).toBe(5);
  });
});

describe('an order of which each event is handled by two executions at once', () => {
  it.each([
    ['is shipped once', 900, {}, 'shipped'],
    ['is cancelled once if its payment is declined', 100_000, {}, 'cancelled'],
    ['is compensated once if the carrier refuses its parcel', 900, { refusedParcels: [ORDER] }, 'cancelled'],
  ] as const)('%s', async (_, minorUnits, options, status) => {
    const world = await withOrder(minorUnits, options);

    await world.settle([ORDER], 2);

    const types = typesOf(world.eventsOf(ORDER));
    expect(await world.order(ORDER)).toMatchObject({ status });
    expect(types).toStrictEqual([...new Set(types)]);
    expect(world.gateway.refunds.length).toBe(types.includes('payment.refunded') ? 1 : 0);
    expect(await world.available('TEA')).toBe(status === 'shipped' ? 3 : 5);
  });
});

describe('an order that its customer cancels', () => {
  it('is compensated in reverse order, whatever is already done: shipment, stock, payment, order', async () => {
    const world = await withOrder();

    expect(await world.cancel(ORDER)).toStrictEqual({ orderId: ORDER, outcome: 'requested' });
    await world.settle([ORDER]);

    expect(typesOf(world.eventsOf(ORDER))).toStrictEqual([
      'order.placed',
      'order.cancellation-requested',
      'payment.captured',
      'shipment.cancelled',
      'inventory.reserved',
      'inventory.released',
      'payment.refunded',
      'order.cancelled',
    ]);
    expect(await world.order(ORDER)).toMatchObject({ status: 'cancelled', cancellationReason: 'customer' });
    expect(await world.available('TEA')).toBe(5);
    expect(world.carrier.bookings).toStrictEqual([]);
  });

  it('is still shipped if its stock was reserved before', async () => {
    const world = await withOrder();
    await world.step(service(world, 'payments'), ORDER);
    await world.step(service(world, 'inventory'), ORDER);
    await world.step(service(world, 'inventory'), ORDER);
    await world.cancel(ORDER);
    const between = await world.order(ORDER);

    await world.settle([ORDER]);

    expect(between).toMatchObject({ status: 'cancelling', cancellationReason: 'customer' });
    const order = await world.order(ORDER);
    expect(order?.status).toBe('shipped');
    expect(order).not.toHaveProperty('cancellationReason');
    expect(await world.cancel(ORDER)).toStrictEqual({ orderId: ORDER, outcome: 'too-late' });
  });

  it('keeps the reason of the customer if its payment fails afterwards, and nothing is refunded', async () => {
    const world = await withOrder(100_000);
    await world.cancel(ORDER);

    await world.settle([ORDER]);

    expect(await world.order(ORDER)).toMatchObject({ status: 'cancelled', cancellationReason: 'customer' });
    expect(typesOf(world.eventsOf(ORDER))).not.toContain('payment.refunded');
  });

  it('keeps an earlier reason', async () => {
    const world = await withOrder();
    await world.place('1002', [{ sku: 'CUP', quantity: 1 }], 500);
    for (const name of ['payments', 'inventory', 'inventory', 'orders', 'orders']) {
      await world.step(service(world, name), '1002');
    }

    expect(await world.cancel('1002')).toStrictEqual({ orderId: '1002', outcome: 'requested' });
    await world.settle(['1002']);

    expect(await world.order('1002')).toMatchObject({ status: 'cancelled', cancellationReason: 'stock' });
    expect(typesOf(world.eventsOf('1002'))).not.toContain('order.cancellation-requested');
  });

  it('has one cancellation request, however often the customer asks', async () => {
    const world = await withOrder();

    const answers = await Promise.all([world.cancel(ORDER), world.cancel(ORDER)]);
    await world.settle([ORDER]);
    const late = await world.cancel(ORDER);

    expect(answers.map(({ outcome }) => outcome)).toStrictEqual(['requested', 'requested']);
    expect(late.outcome).toBe('already-cancelled');
    expect(typesOf(world.eventsOf(ORDER)).filter((type) => type === 'order.cancellation-requested')).toHaveLength(1);
  });

  it('must exist', async () => {
    const world = await withOrder();

    await expect(world.cancel('1002')).rejects.toMatchObject({
      code: 'CANCEL_ORDER_NOT_FOUND',
      message: "order '1002' cannot be cancelled: there is no such order",
    });
    await expect(world.cancel('')).rejects.toMatchObject({ code: 'CANCEL_ORDER_INVALID' });
  });
});

describe('stock', () => {
  it('goes to the first of two orders for the last pieces, and the other order is told what is left', async () => {
    const world = await withOrder();
    await world.place('1002', [{ sku: 'TEA', quantity: 4 }], 500);
    const inventory = service(world, 'inventory');
    for (const orderId of [ORDER, '1002']) {
      await world.step(service(world, 'payments'), orderId);
      await world.step(inventory, orderId);
    }

    await Promise.all([world.step(inventory, ORDER), world.step(inventory, '1002')]);

    expect(typesOf(world.eventsOf(ORDER))).toContain('inventory.reserved');
    expect(dataOf(world.eventsOf('1002'), 'inventory.insufficient')).toStrictEqual({
      orderId: '1002',
      missing: [{ sku: 'TEA', wanted: 4, available: 3 }],
    });
    expect(await world.available('TEA')).toBe(3);
  });

  it('is taken once by executions that overlap', async () => {
    const world = await withOrder();
    await world.step(service(world, 'payments'), ORDER);
    await world.step(service(world, 'inventory'), ORDER);

    await world.step(service(world, 'inventory'), ORDER, 2);

    expect(await world.available('TEA')).toBe(3);
  });

  it('increases once per receipt', async () => {
    const world = createShopWorld();

    const answers = [
      await world.receive('receipt-1', 'TEA', 5),
      await world.receive('receipt-1', 'TEA', 5),
      await world.receive('receipt-2', 'TEA', 2),
    ];

    expect(answers.map(({ outcome }) => outcome)).toStrictEqual(['received', 'already-received', 'received']);
    expect(await world.available('TEA')).toBe(7);
    await expect(world.receive('receipt-1', 'TEA', 6)).rejects.toMatchObject({ code: 'RECEIVE_STOCK_ID_TAKEN' });
    expect(await world.available('TEA')).toBe(7);
    await expect(world.receive('receipt-3', 'TEA', 0)).rejects.toMatchObject({
      code: 'RECEIVE_STOCK_INVALID',
      message: expect.stringMatching(/^receive-stock cannot be done: quantity: /),
    });
  });
});

describe('an order of a tenant', () => {
  it('is placed, cancelled and stocked only by commands that name the tenant', async () => {
    const world = await withOrder(900, { tenantId: 'acme' });
    const nobodys = createShopWorld({ tenantId: 'acme', nameTenant: false });

    await world.settle([ORDER]);

    expect(await world.order(ORDER)).toMatchObject({ orderId: ORDER, status: 'shipped' });
    expect(world.eventsOf(ORDER)[3]).toMatchObject({ partitionkey: 'tenant:acme:order#1001', tenantid: 'acme' });
    await expect(nobodys.place(ORDER, TEA, 900)).rejects.toMatchObject({ code: 'TENANT_MISSING' });
    await expect(nobodys.cancel(ORDER)).rejects.toMatchObject({ code: 'TENANT_MISSING' });
    await expect(nobodys.receive('receipt-1', 'TEA', 1)).rejects.toMatchObject({ code: 'TENANT_MISSING' });
  });
});

describe('an order that is refunded before a reason is known', () => {
  it('is not cancelled before the reason is known', async () => {
    const world = await withOrder();
    await world.send(PaymentRefunded, { orderId: ORDER, paymentId: 'p1', amount: { currency: 'GBP', minorUnits: 1 } });

    await expect(world.step(service(world, 'orders'), ORDER)).rejects.toMatchObject({ code: 'SHOP_REASON_UNKNOWN' });
  });
});
