import { describe, expect, it } from 'vitest';
import type { LedgerCharge, LedgerRefund } from '../../../local/external/ledger.ts';
import { checkMoneyOfGateway, checkMoneyOfPayments } from '../../../local/invariants/money.ts';
import { captured, factsOf, factsOfTwo, order, refunded } from './facts.ts';

const at = '2026-11-20T09:00:00.000Z';

const charge = (reference: string, more: Partial<LedgerCharge> = {}): LedgerCharge => ({
  idempotencyKey: `k${reference}`,
  at,
  reference,
  currency: 'GBP',
  minorUnits: 1_000,
  state: 'CAPTURED',
  txnRef: `p${reference}`,
  declineCode: undefined,
  ...more,
});

const refund = (reference: string): LedgerRefund => ({
  idempotencyKey: `k${reference}`,
  at,
  refundRef: `r${reference}`,
  txnRef: `p${reference}`,
  reference,
  currency: 'GBP',
  minorUnits: 1_000,
});

const cancelled = (orderId: string) => order(orderId, { status: 'cancelled', cancellationReason: 'stock' });

describe('the money in the payments of the shop', () => {
  it('equals the value of the shipped orders', () => {
    const facts = factsOf({ orders: [order('1'), cancelled('2')], payments: [captured('1'), refunded('2')] });

    expect(checkMoneyOfPayments(facts)).toEqual({
      name: 'money: payments keep what was shipped',
      holds: true,
      detail: ['captured £20.00, refunded £10.00, shipped £10.00'],
    });
  });

  it('is wrong if a shipped order is not paid, or if a cancelled order is still paid', () => {
    const facts = factsOf({ orders: [order('1'), cancelled('2')], payments: [captured('2')] });

    expect(checkMoneyOfPayments(facts)).toMatchObject({
      holds: false,
      detail: [
        'order 1 is shipped and comes to £10.00, but nothing is paid',
        'order 2 is cancelled and comes to £10.00, but its payment is captured',
      ],
    });
  });

  it('is checked by tenant, even if the sums over all tenants agree', () => {
    const facts = factsOfTwo({ orders: [order('1')] }, { payments: [captured('1')] });

    expect(checkMoneyOfPayments(facts)).toMatchObject({
      holds: false,
      detail: [
        'captured £0.00, refunded £0.00, shipped £10.00 of a',
        'order 1 of a is shipped and comes to £10.00, but nothing is paid',
        'captured £10.00, refunded £0.00, shipped £0.00 of b',
      ],
    });
  });
});

describe('the check of the money in the ledger of the gateway', () => {
  const facts = factsOf({ orders: [order('1'), cancelled('2')], payments: [captured('1'), refunded('2')] });

  it('passes if the money equals the value of the shipped orders, without declined charges', () => {
    const charges = [charge('1'), charge('2'), charge('3', { state: 'DECLINED', txnRef: undefined })];

    expect(checkMoneyOfGateway(facts, { charges, refunds: [refund('2')] })).toMatchObject({
      holds: true,
      detail: ['captured £20.00, refunded £10.00, shipped £10.00'],
    });
  });

  it('shows a repeated charge, and a charge without a payment', () => {
    const charges = [charge('1'), charge('1'), charge('2'), charge('9')];

    expect(checkMoneyOfGateway(facts, { charges, refunds: [refund('2')] })).toMatchObject({
      holds: false,
      detail: [
        'order 1 was charged 2 times',
        'order 1 is shipped: the gateway keeps £20.00, and £10.00 is owed',
        'captured £30.00, refunded £10.00, shipped £10.00',
        'payment p9 of order 9 was taken, and no payment tells of it',
      ],
    });
  });

  it('shows a missing refund, and a charge for another order', () => {
    const charges = [charge('1'), charge('7', { txnRef: 'p2' })];

    expect(checkMoneyOfGateway(facts, { charges, refunds: [] })).toMatchObject({
      holds: false,
      detail: [
        'order 2 was charged for order 7',
        'order 2 is cancelled: the gateway keeps £10.00, and £0.00 is owed',
        'captured £20.00, refunded £0.00, shipped £10.00',
      ],
    });
  });

  it('names the orders even if the sums agree', () => {
    const charges = [charge('1'), charge('2')];

    expect(checkMoneyOfGateway(facts, { charges, refunds: [refund('1')] })).toMatchObject({
      holds: false,
      detail: [
        'order 1 is shipped: the gateway keeps £0.00, and £10.00 is owed',
        'order 2 is cancelled: the gateway keeps £10.00, and £0.00 is owed',
      ],
    });
  });

  it('shows a payment that two tenants share', () => {
    const shared = factsOfTwo(
      { orders: [order('1')], payments: [captured('1')] },
      { orders: [order('1')], payments: [captured('1')] },
    );

    expect(checkMoneyOfGateway(shared, { charges: [charge('1')], refunds: [] })).toMatchObject({
      holds: false,
      detail: ["payment p1 of order 1 of b is another order's, too"],
    });
  });
});
