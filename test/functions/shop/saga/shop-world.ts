import { Logger } from '@aws-lambda-powertools/logger';
import { createCancelOrder } from '../../../../functions/shop/cancel-order/handler.ts';
import { goodsReceiptSchema } from '../../../../functions/shop/inventory/goods-receipt.ts';
import { createInventoryHandlers } from '../../../../functions/shop/inventory/handler.ts';
import { reservationSchema } from '../../../../functions/shop/inventory/reservation.ts';
import { stockItemSchema } from '../../../../functions/shop/inventory/stock.ts';
import { INVENTORY_TABLE, RECEIPTS_TABLE, STOCK_TABLE } from '../../../../functions/shop/inventory/table.ts';
import type { OrderLine } from '../../../../functions/shop/orders/events.ts';
import { createOrdersHandlers } from '../../../../functions/shop/orders/handler.ts';
import { orderSchema } from '../../../../functions/shop/orders/order.ts';
import { ORDERS_TABLE } from '../../../../functions/shop/orders/table.ts';
import { createFakePaymentGateway } from '../../../../functions/shop/payments/fake-payment-gateway.ts';
import { createPaymentsHandlers } from '../../../../functions/shop/payments/handler.ts';
import { paymentSchema } from '../../../../functions/shop/payments/payment.ts';
import { PAYMENTS_TABLE } from '../../../../functions/shop/payments/table.ts';
import { createPlaceOrder } from '../../../../functions/shop/place-order/handler.ts';
import { createReceiveStock } from '../../../../functions/shop/receive-stock/handler.ts';
import { createFakeCarrier } from '../../../../functions/shop/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../../../functions/shop/shipping/handler.ts';
import { shipmentSchema } from '../../../../functions/shop/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../../../functions/shop/shipping/table.ts';
import type { SubscriptionHandlers } from '../../../../lib/consumer/index.ts';
import { rerunLostRaces } from '../../../../lib/consumer/rerun-lost-races.ts';
import type { CloudEvent, TableSchema } from '../../../../lib/contracts/index.ts';
import { causedBy, parseEvent } from '../../../../lib/event/index.ts';
import { createInMemoryOutboxStore, createOutbox } from '../../../../lib/outbox/index.ts';
import { createInMemoryTableStore, createTenancy, createTenantTable } from '../../../../lib/tenancy/index.ts';
import { createInMemoryTables } from '../../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../../fixtures/event-maker.ts';
import { lambdaContext } from '../../../fixtures/lambda-context.ts';

export interface ShopWorldOptions {
  /** Orders whose parcels the carrier refuses. */
  readonly refusedParcels?: readonly string[];
}

/** The choreographed shop in memory: a service handles an event when it is told to, each group in sequence order. */
export function createShopWorld({ refusedParcels = [] }: ShopWorldOptions = {}) {
  const tables = createInMemoryTables({
    orders: ORDERS_TABLE,
    payments: PAYMENTS_TABLE,
    reservations: INVENTORY_TABLE,
    stock: STOCK_TABLE,
    receipts: RECEIPTS_TABLE,
    shipments: SHIPPING_TABLE,
  });
  const store = createInMemoryOutboxStore({ tables });
  const clock = createTestClock();
  const logger = new Logger({ logLevel: 'SILENT' });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const outbox = createOutbox({
    store,
    clock,
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });
  const table = <Item>(tableName: string, schema: TableSchema, parse: (item: unknown) => Item) =>
    createTenantTable({ store: createInMemoryTableStore(tables), outbox, tenancy, tableName, schema, parse });

  const orders = table('orders', ORDERS_TABLE, (item) => orderSchema.parse(item));
  const payments = table('payments', PAYMENTS_TABLE, (item) => paymentSchema.parse(item));
  const reservations = table('reservations', INVENTORY_TABLE, (item) => reservationSchema.parse(item));
  const stock = table('stock', STOCK_TABLE, (item) => stockItemSchema.parse(item));
  const receipts = table('receipts', RECEIPTS_TABLE, (item) => goodsReceiptSchema.parse(item));
  const shipments = table('shipments', SHIPPING_TABLE, (item) => shipmentSchema.parse(item));
  const gateway = createFakePaymentGateway();
  const carrier = createFakeCarrier({
    refuse: ({ orderId }) => (refusedParcels.includes(orderId) ? 'too-heavy' : undefined),
  });
  const services: readonly SubscriptionHandlers[] = [
    createOrdersHandlers({ orders }),
    createPaymentsHandlers({ payments, gateway }),
    createInventoryHandlers({ reservations, stock }),
    createShippingHandlers({ shipments, carrier }),
  ];
  const placeOrder = createPlaceOrder({ orders, outbox, tenancy, clock, logger });
  const cancelOrder = createCancelOrder({ orders, outbox, tenancy, logger });
  const receiveStock = createReceiveStock({ receipts, stock, outbox, tenancy, logger });

  /** By service and group: the sequence that it has come to. */
  const cursors = new Map<string, number>();
  const busy = new Set<string>();

  const eventsOf = (orderId: string): readonly CloudEvent[] =>
    store.events
      .filter(({ group }) => group === `order#${orderId}`)
      .toSorted((left, right) => left.sequence - right.sequence)
      .map(({ body }) => parseEvent(body));

  const handle = async ({ subscription, handlers }: SubscriptionHandlers, event: CloudEvent) => {
    const context = {
      log: logger,
      signal: new AbortController().signal,
      idempotencyKey: `${subscription.name}/${event.id}`,
      afterCommit: () => undefined,
    };
    await rerunLostRaces(
      () =>
        outbox.transact(async (tx) => {
          await handlers[event.type]?.(event as Parameters<NonNullable<(typeof handlers)[string]>>[0], {
            ...context,
            tx,
          });
        }, causedBy(event)),
      logger,
    );
  };

  /** Lets a service handle its next event of an order, unless it is at one. @returns whether it did */
  const step = async (service: SubscriptionHandlers, orderId: string): Promise<boolean> => {
    const place = `${service.subscription.name} ${orderId}`;
    const next = eventsOf(orderId).find(
      ({ sequence, type }) => Number(sequence) > (cursors.get(place) ?? 0) && type in service.handlers,
    );
    if (next === undefined || busy.has(place)) return false;
    busy.add(place);
    await handle(service, next);
    busy.delete(place);
    cursors.set(place, Number(next.sequence));
    return true;
  };

  /** Lets a service handle an event of the past once more, as if its records were gone. */
  const repeat = async (service: SubscriptionHandlers, orderId: string, index: number): Promise<void> => {
    const reached = cursors.get(`${service.subscription.name} ${orderId}`) ?? 0;
    const past = eventsOf(orderId).filter(
      ({ sequence, type }) => Number(sequence) <= reached && type in service.handlers,
    );
    const event = past[index % Math.max(past.length, 1)];
    if (event !== undefined) await handle(service, event);
  };

  /** Until no service has anything to do. */
  const settle = async (orderIds: readonly string[]): Promise<void> => {
    for (let moved = true; moved; ) {
      moved = false;
      for (const service of services) {
        for (const orderId of orderIds) if (await step(service, orderId)) moved = true;
      }
    }
  };

  return {
    services,
    gateway,
    carrier,
    step,
    repeat,
    settle,
    eventsOf,
    order: (orderId: string) => orders.get({ orderId }),
    available: async (sku: string) => (await stock.get({ sku }))?.available ?? 0,
    receive: (receiptId: string, sku: string, quantity: number) =>
      receiveStock({ receiptId, sku, quantity }, lambdaContext()),
    place: (orderId: string, lines: readonly OrderLine[], minorUnits: number) =>
      placeOrder({ orderId, customerId: 'customer-1', lines, total: { currency: 'GBP', minorUnits } }, lambdaContext()),
    cancel: (orderId: string) => cancelOrder({ orderId }, lambdaContext()),
  };
}
