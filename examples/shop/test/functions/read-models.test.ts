import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import type { CloudEvent, EventDefinition, EventInputOf } from 'waybill';
import { type Viewed, viewOf } from 'waybill/projection';
import type { TenantQuery } from 'waybill/tenancy';
import { createHarness } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { InventoryInsufficient, InventoryReserved } from '../../functions/inventory/events.ts';
import type { OrderSummary } from '../../functions/order-overview/order-summary.ts';
import { orderOverview } from '../../functions/order-overview/projection.ts';
import { createQueryOrders } from '../../functions/order-overview/query/handler.ts';
import { orderTracking } from '../../functions/order-tracking/projection.ts';
import { OrderCancellationRequested, OrderCancelled, OrderPlaced } from '../../functions/orders/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentRefunded } from '../../functions/payments/events.ts';
import { type DayRevenue, revenueByDay } from '../../functions/revenue-by-day/projection.ts';
import { createQueryRevenue } from '../../functions/revenue-by-day/query/handler.ts';
import {
  ShipmentCancelled,
  ShipmentCreated,
  ShipmentDelivered,
  ShipmentTracked,
} from '../../functions/shipping/events.ts';

const orderId = '1042';
const lines = [{ sku: 'TEA', quantity: 1 }];
const missing = [{ sku: 'TEA', wanted: 1, available: 0 }];
const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

/** Events as a consumer would get them, an hour apart. */
async function happening() {
  const { outbox, advance } = createHarness({ startsAt: '2026-11-20T22:30:00.000Z' });
  const events: CloudEvent[] = [];
  const happens = async <Definition extends EventDefinition>(
    definition: Definition,
    data: EventInputOf<Definition>,
  ) => {
    events.push(...(await outbox.transact((tx) => tx.publish(definition, data))).events);
    advance(3_600_000);
  };
  return { events, happens };
}

const placed = [OrderPlaced, { orderId, customerId: 'c1', lines, total: gbp(450) }] as const;
const captured = [PaymentCaptured, { orderId, paymentId: 'p1', amount: gbp(450) }] as const;
const refunded = [PaymentRefunded, { orderId, paymentId: 'p1', amount: gbp(450) }] as const;
const reserved = [InventoryReserved, { orderId, lines }] as const;
const shipped = [ShipmentCreated, { orderId, shipmentId: 's1' }] as const;
const short = [InventoryInsufficient, { orderId, missing }] as const;

describe('the order overview', () => {
  const overviewAfter = async (tell: (happens: Awaited<ReturnType<typeof happening>>['happens']) => Promise<void>) => {
    const { events, happens } = await happening();
    await tell(happens);
    return viewOf(orderOverview, events)[0];
  };

  it('follows an order until it is shipped', async () => {
    const order = await overviewAfter(async (happens) => {
      await happens(...placed);
      await happens(...captured);
      await happens(...reserved);
      await happens(...shipped);
    });

    expect(order).toStrictEqual({
      orderId,
      customerId: 'c1',
      status: 'shipped',
      total: gbp(450),
      placedAt: '2026-11-20T22:30:00.000Z',
      paidAt: '2026-11-20T23:30:00.000Z',
      reservedAt: '2026-11-21T00:30:00.000Z',
      shippedAt: '2026-11-21T01:30:00.000Z',
    });
  });

  it('keeps the first reason of a cancellation', async () => {
    const order = await overviewAfter(async (happens) => {
      await happens(...placed);
      await happens(...captured);
      await happens(...short);
      await happens(OrderCancellationRequested, { orderId });
      await happens(ShipmentCancelled, { orderId, reason: 'customer' });
      await happens(OrderCancelled, { orderId, customerId: 'c1', reason: 'stock' });
    });

    expect(order).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'stock',
      cancelledAt: '2026-11-21T03:30:00.000Z',
    });
  });

  it('shows an order that is shipped despite a cancellation as shipped, without a reason', async () => {
    const order = await overviewAfter(async (happens) => {
      await happens(...placed);
      await happens(OrderCancellationRequested, { orderId });
      await happens(...captured);
      await happens(...shipped);
    });

    expect(order).toMatchObject({ status: 'shipped', paidAt: '2026-11-21T00:30:00.000Z' });
    expect(order).not.toHaveProperty('cancellationReason');
  });

  it('creates no order from events other than its placing', async () => {
    expect(
      await overviewAfter(async (happens) => {
        await happens(...captured);
        await happens(PaymentFailed, { orderId, amount: gbp(450), reason: 'limit-exceeded' });
      }),
    ).toBeUndefined();
  });
});

describe('the revenue by day', () => {
  it('counts what happened on each day, in UTC, by currency', async () => {
    const { events, happens } = await happening();

    await happens(...placed);
    await happens(...captured);
    await happens(...refunded);

    expect(viewOf(revenueByDay, events)).toStrictEqual([
      { currency: 'GBP', day: '2026-11-20', orders: 1, captured: 450, refunded: 0 },
      { currency: 'GBP', day: '2026-11-21', orders: 0, captured: 0, refunded: 450 },
    ]);
  });
});

const { tenancy } = createHarness();
const logger = new Logger({ logLevel: 'SILENT' });
const context = lambdaContext();

describe('query-orders', () => {
  const order: OrderSummary = {
    orderId,
    customerId: 'c1',
    status: 'placed',
    total: gbp(450),
    placedAt: '2026-11-20T22:30:00.000Z',
  };
  const viewed: Viewed<OrderSummary> = { item: order, asOf: '2026-11-20T22:30:00.000Z' };

  function createQuery() {
    const asked: TenantQuery[] = [];
    const overview = {
      get: async (key: object) => ('orderId' in key && key.orderId === orderId ? viewed : undefined),
      query: async (query: TenantQuery) => {
        asked.push(query);
        return { items: [viewed], next: '1.abc' };
      },
    };
    return { asked, query: createQueryOrders({ overview, tenancy, logger }) };
  }

  it('finds an order by its id', async () => {
    const { query } = createQuery();

    expect(await query({ orderId }, context)).toStrictEqual({
      orders: [{ ...order, asOf: viewed.asOf }],
      next: undefined,
    });
    expect(await query({ orderId: '1' }, context)).toStrictEqual({ orders: [], next: undefined });
  });

  it('asks for pages of a customer or of a status, the newest first', async () => {
    const { asked, query } = createQuery();

    const page = await query({ customerId: 'c1' }, context);
    await query({ status: 'cancelled', limit: 3, after: '1.abc' }, context);

    expect(page.next).toBe('1.abc');
    expect(asked).toStrictEqual([
      { indexName: 'byCustomer', partition: 'c1', limit: 25, newestFirst: true },
      { indexName: 'byStatus', partition: 'cancelled', limit: 3, newestFirst: true, after: '1.abc' },
    ]);
  });

  it.each([
    [{}, 'give one of orderId, customerId and status'],
    [{ orderId, status: 'placed' }, 'give one of orderId, customerId and status'],
    [{ status: 'lost' }, 'status: '],
    [{ customerId: 'c1', limit: 101 }, 'limit: '],
    [{ customerId: 'c1', limit: 1.5 }, 'limit: '],
    [{ customerId: '' }, 'customerId: '],
    [{ customerId: 'c'.repeat(501) }, 'customerId: '],
    [{ customerId: 'c1', after: 7 }, 'after: '],
    ['c1', 'command: '],
  ])('refuses %j', async (input, message) => {
    await expect(createQuery().query(input, context)).rejects.toMatchObject({
      code: 'QUERY_ORDERS_INVALID',
      message: expect.stringContaining(message),
    });
  });
});

describe('query-revenue', () => {
  const day = (day: string, captured: number, refunded: number): Viewed<DayRevenue> => ({
    item: { currency: 'GBP', day, orders: 1, captured, refunded },
    asOf: `${day}T12:00:00.000Z`,
  });

  const queryOver = (days: readonly Viewed<DayRevenue>[]) =>
    createQueryRevenue({ revenue: { sums: async () => days }, tenancy, logger });

  it('returns the net revenue of each day and in total', async () => {
    const query = queryOver([day('2026-11-20', 900, 450), day('2026-11-21', 100, 0)]);

    expect(await query({ currency: 'GBP', period: '2026-11' }, context)).toStrictEqual({
      currency: 'GBP',
      days: [
        { day: '2026-11-20', orders: 1, captured: 900, refunded: 450, net: 450 },
        { day: '2026-11-21', orders: 1, captured: 100, refunded: 0, net: 100 },
      ],
      total: { orders: 2, captured: 1_000, refunded: 450, net: 550 },
      asOf: '2026-11-21T12:00:00.000Z',
    });
  });

  it('returns no days and a total of zero if there is no revenue', async () => {
    expect(await queryOver([])({ currency: 'EUR', period: '2026' }, context)).toMatchObject({
      days: [],
      total: { orders: 0, net: 0 },
      asOf: undefined,
    });
  });

  it.each([
    [{ currency: 'pounds', period: '2026' }, 'currency: must be an ISO 4217 code like GBP'],
    [{ currency: 'GBP', period: 'today' }, 'period: must be a year, a month or a day in UTC'],
    [{ currency: 'GBP', period: '2026-13' }, 'period: must be a year, a month or a day in UTC'],
    [{ currency: 'GBP', period: '2026-02-30' }, 'period: must be a year, a month or a day in UTC'],
    [{ currency: 'GBP' }, 'period: '],
  ])('refuses %j', async (input, message) => {
    await expect(queryOver([])(input, context)).rejects.toMatchObject({
      code: 'QUERY_REVENUE_INVALID',
      message: expect.stringContaining(message),
    });
  });
});

describe('the order tracking', () => {
  const trackingAfter = async (...news: readonly (readonly [EventDefinition, object])[]) => {
    const { events, happens } = await happening();
    for (const [definition, data] of [placed, ...news]) await happens(definition, data);
    return viewOf(orderTracking, events)[0];
  };
  const known = { orderId, customerId: 'c1', lines };
  const declined = [PaymentFailed, { orderId, amount: gbp(450), reason: 'limit-exceeded' }] as const;

  it.each([
    ['nothing but what was ordered at first', [], {}],
    [
      'payment and shipment as they are',
      [captured, shipped],
      {
        payment: { status: 'captured', amount: gbp(450), changedAt: '2026-11-20T23:30:00.000Z' },
        shipment: { status: 'booked', shipmentId: 's1', changedAt: '2026-11-21T00:30:00.000Z' },
      },
    ],
    [
      'a refund of what was captured',
      [captured, refunded],
      { payment: { status: 'refunded', amount: gbp(450), changedAt: '2026-11-21T00:30:00.000Z' } },
    ],
    [
      'a decline, whatever is told of a refund after it',
      [declined, refunded],
      {
        payment: {
          status: 'declined',
          amount: gbp(450),
          reason: 'limit-exceeded',
          changedAt: '2026-11-20T23:30:00.000Z',
        },
      },
    ],
    [
      'where the parcel was seen last',
      [
        shipped,
        [ShipmentTracked, { orderId, shipmentId: 's1', status: 'in-transit', at: '2026-11-21T08:00:00.000Z' }] as const,
        [ShipmentDelivered, { orderId, shipmentId: 's1', at: '2026-11-21T09:00:00.000Z' }] as const,
      ],
      {
        shipment: {
          status: 'booked',
          shipmentId: 's1',
          changedAt: '2026-11-20T23:30:00.000Z',
          parcel: { status: 'delivered', at: '2026-11-21T09:00:00.000Z' },
        },
      },
    ],
    [
      'a shipment that will never be',
      [[ShipmentCancelled, { orderId, reason: 'carrier' }] as const],
      { shipment: { status: 'cancelled', reason: 'carrier', changedAt: '2026-11-20T23:30:00.000Z' } },
    ],
  ] as const)('shows %s', async (_, news, expected) => {
    expect(await trackingAfter(...news)).toStrictEqual({ ...known, ...expected });
  });
});
