import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { createInventoryHandlers } from '../../../functions/shop/inventory/handler.ts';
import { createOrdersHandlers } from '../../../functions/shop/orders/handler.ts';
import type { Order, OrderStatus } from '../../../functions/shop/orders/order.ts';
import { createPaymentsHandlers } from '../../../functions/shop/payments/handler.ts';
import { createShippingHandlers } from '../../../functions/shop/shipping/handler.ts';
import type { SubscriptionHandlers } from '../../../lib/consumer/index.ts';
import type { CloudEvent } from '../../../lib/contracts/index.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

const LINES = [{ sku: 'TEA-LIGHT', quantity: 2 }];
const TOTAL = { currency: 'GBP', minorUnits: 13_912 };

/** Runs one handler with `data` and tells what it wrote and published. */
async function run({ handlers }: SubscriptionHandlers, type: string, data: unknown) {
  const { outbox, store } = createTestOutbox({ shop: ['orderId'] });
  const log = new Logger({ logLevel: 'SILENT' });
  const event = { type, data } as CloudEvent & { data: unknown };
  const { events } = await outbox.transact(async (tx) => {
    await handlers[type]?.(event, {
      tx,
      log,
      signal: new AbortController().signal,
      idempotencyKey: 'k',
      afterCommit: () => undefined,
    });
  });
  return {
    events: events.map(({ type: published, data: content, partitionkey }) => ({ published, content, partitionkey })),
    items: store.items('shop'),
  };
}

describe('payments', () => {
  const handlersWith = (payment?: Parameters<typeof createPaymentsHandlers>[0]['findPayment']) =>
    createPaymentsHandlers({ tableName: 'shop', findPayment: payment ?? (async () => undefined) });
  const placed = { orderId: '1042', customerId: '17850', lines: LINES, total: TOTAL };

  it('captures the total of a placed order', async () => {
    expect(await run(handlersWith(), 'com.example.order.placed', placed)).toMatchObject({
      items: [{ orderId: { S: '1042' }, paymentId: { S: 'payment-1042' }, status: { S: 'captured' } }],
      events: [
        {
          published: 'com.example.payment.captured',
          content: { orderId: '1042', paymentId: 'payment-1042', amount: TOTAL },
          partitionkey: 'order#1042',
        },
      ],
    });
  });

  it('does not capture a second time', async () => {
    const captured = handlersWith(async () => ({
      orderId: '1042',
      paymentId: 'payment-1042',
      amount: TOTAL,
      status: 'captured',
    }));

    expect(await run(captured, 'com.example.order.placed', placed)).toStrictEqual({ items: [], events: [] });
  });
});

describe('inventory', () => {
  const handlersWith = (status?: 'wanted' | 'reserved') =>
    createInventoryHandlers({
      tableName: 'shop',
      findReservation: async (orderId) => (status === undefined ? undefined : { orderId, lines: LINES, status }),
    });

  it('notes what a placed order wants', async () => {
    expect(
      await run(handlersWith(), 'com.example.order.placed', {
        orderId: '1042',
        customerId: 'c',
        lines: LINES,
        total: TOTAL,
      }),
    ).toMatchObject({ items: [{ orderId: { S: '1042' }, status: { S: 'wanted' } }], events: [] });
  });

  it('tries a captured payment again while it does not know the order', async () => {
    await expect(run(handlersWith(), 'com.example.payment.captured', { orderId: '1042' })).rejects.toMatchObject({
      code: 'SHOP_ORDER_UNKNOWN',
      retryable: true,
    });
  });

  it('does not reserve a second time', async () => {
    expect(await run(handlersWith('reserved'), 'com.example.payment.captured', { orderId: '1042' })).toStrictEqual({
      items: [],
      events: [],
    });
  });
});

describe('shipping', () => {
  it('creates a shipment of what is reserved, once', async () => {
    const fresh = createShippingHandlers({ tableName: 'shop', findShipment: async () => undefined });
    const known = createShippingHandlers({
      tableName: 'shop',
      findShipment: async (orderId) => ({ orderId, shipmentId: 'shipment-1042', lines: LINES }),
    });
    const reserved = { orderId: '1042', lines: LINES };

    expect(await run(fresh, 'com.example.inventory.reserved', reserved)).toMatchObject({
      items: [{ shipmentId: { S: 'shipment-1042' } }],
      events: [
        { published: 'com.example.shipment.created', content: { orderId: '1042', shipmentId: 'shipment-1042' } },
      ],
    });
    expect(await run(known, 'com.example.inventory.reserved', reserved)).toStrictEqual({ items: [], events: [] });
  });
});

describe('orders', () => {
  const order = (status: OrderStatus): Order => ({
    orderId: '1042',
    customerId: '17850',
    lines: LINES,
    total: TOTAL,
    status,
    placedAt: '2026-11-20T06:00:00.000Z',
  });
  const statusAfter = async (before: OrderStatus, type: string) => {
    const { outbox, store } = createTestOutbox({ shop: ['orderId'] });
    await outbox.transact((tx) => tx.put({ TableName: 'shop', Item: order(before) }));
    const { handlers } = createOrdersHandlers({ tableName: 'shop', findOrder: async () => order(before) });
    await outbox.transact(async (tx) => {
      await handlers[type]?.({ data: { orderId: '1042' } } as CloudEvent & { data: { orderId: string } }, {
        tx,
        log: new Logger({ logLevel: 'SILENT' }),
        signal: new AbortController().signal,
        idempotencyKey: 'k',
        afterCommit: () => undefined,
      });
    });
    return store.items('shop')[0]?.['status']?.S;
  };

  it.each([
    ['placed', 'com.example.payment.captured', 'paid'],
    ['paid', 'com.example.inventory.reserved', 'reserved'],
    ['reserved', 'com.example.shipment.created', 'shipped'],
    ['placed', 'com.example.shipment.created', 'shipped'],
    ['shipped', 'com.example.payment.captured', 'shipped'],
    ['paid', 'com.example.payment.captured', 'paid'],
  ] as const)('goes from %s by %s to %s, never back', async (before, type, after) => {
    expect(await statusAfter(before, type)).toBe(after);
  });

  it('tries news of an order that it does not know again', async () => {
    const handlers = createOrdersHandlers({ tableName: 'shop', findOrder: async () => undefined });

    await expect(run(handlers, 'com.example.shipment.created', { orderId: '1042' })).rejects.toMatchObject({
      code: 'SHOP_ORDER_UNKNOWN',
    });
  });
});
