import { describe, expect, it } from 'vitest';
import { checkOrderOverview, checkRevenue } from '../../../local/invariants/read-models.ts';
import type { ReadModels } from '../../../local/read-models/read-model.ts';
import { captured, factsOf, factsOfTwo, order, pounds, refunded } from './facts.ts';

type Shown = ReadModels['orders'][number];

const shown = (orderId: string, more: Partial<Shown> = {}): Shown => ({
  orderId,
  customerId: 'c1',
  status: 'shipped',
  total: pounds(1_000),
  placedAt: '2026-11-20T09:00:00.000Z',
  asOf: '2026-11-20T09:00:01.000Z',
  ...more,
});

const model = (tenantId: string | undefined, more: Partial<ReadModels>): ReadModels => ({
  tenantId,
  orders: [],
  days: [],
  unanswered: {},
  ...more,
});

const cancelled = { status: 'cancelled', cancellationReason: 'stock' } as const;

describe('the order overview', () => {
  it('is correct if each order agrees with the orders table', () => {
    const facts = factsOf({ orders: [order('1'), order('2', cancelled)] });
    const models = [model(undefined, { orders: [shown('2', cancelled), shown('1')] })];

    expect(checkOrderOverview(facts, models)).toMatchObject({ holds: true, detail: ['2 orders'] });
  });

  it('is wrong if a status, a reason or a total differs, or if an order is missing or of another tenant', () => {
    const facts = factsOfTwo({ orders: [order('1'), order('2', cancelled), order('3'), order('4')] }, { orders: [] });
    const models = [
      model('a', {
        orders: [
          shown('1', { status: 'paid' }),
          shown('2', { ...cancelled, cancellationReason: 'customer' }),
          shown('3', { total: pounds(1) }),
        ],
      }),
      model('b', { orders: [shown('4')] }),
    ];

    expect(checkOrderOverview(facts, models)).toMatchObject({
      holds: false,
      detail: [
        'order 1 of a is shipped at £10.00, the overview shows paid at £10.00',
        'order 2 of a is cancelled (stock) at £10.00, the overview shows cancelled (customer) at £10.00',
        'order 3 of a is shipped at £10.00, the overview shows shipped at £0.01',
        'order 4 of a is shipped at £10.00, the overview shows nothing',
        'the overview shows order 4 of b, and there is no such order',
      ],
    });
  });

  it('is wrong once, not for each order, if it did not answer', () => {
    const facts = factsOf({ orders: [order('1'), order('2')] });
    const models = [model(undefined, { unanswered: { orders: 'query-orders did not answer' } })];

    expect(checkOrderOverview(facts, models)).toMatchObject({ holds: false, detail: ['query-orders did not answer'] });
  });
});

describe('the revenue by day', () => {
  const facts = factsOf({ orders: [order('1'), order('2', cancelled)], payments: [captured('1'), refunded('2')] });

  const days = (refundedMinorUnits: number) => [
    { day: '2026-11-20', orders: 1, captured: 1_000, refunded: 0, net: 1_000 },
    { day: '2026-11-21', orders: 1, captured: 1_000, refunded: refundedMinorUnits, net: 0 },
  ];

  it('is correct if the sum of its days equals the sum of the payments', () => {
    expect(checkRevenue(facts, [model(undefined, { days: days(1_000) })])).toMatchObject({
      holds: true,
      detail: ['2 orders, captured £20.00, refunded £10.00'],
    });
  });

  it('is wrong if it counts a refund twice', () => {
    expect(checkRevenue(facts, [model(undefined, { days: days(2_000) })])).toMatchObject({
      holds: false,
      detail: ['2 orders, captured £20.00, refunded £10.00, the days show 2 orders, captured £20.00, refunded £20.00'],
    });
  });

  it('is wrong if it did not answer', () => {
    const unanswered = { days: 'query-revenue did not answer' };

    expect(checkRevenue(facts, [model(undefined, { unanswered })])).toMatchObject({
      holds: false,
      detail: ['query-revenue did not answer'],
    });
  });
});
