import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../functions/payments/audit-entry.ts';
import type { LedgerCharge, LedgerRefund } from '../../../local/external/ledger.ts';
import { checkPaymentAudit } from '../../../local/invariants/payment-audit.ts';

const AT = '2026-11-20T09:00:00.000Z';
const money = { currency: 'GBP', minorUnits: 1_000 };

const charge = (reference: string, txnRef: string | undefined): LedgerCharge => ({
  idempotencyKey: `k${reference}`,
  at: AT,
  reference,
  ...money,
  state: txnRef === undefined ? 'DECLINED' : 'CAPTURED',
  txnRef,
  declineCode: txnRef === undefined ? 'LIMIT_EXCEEDED' : undefined,
});

const refund: LedgerRefund = { idempotencyKey: 'r', at: AT, refundRef: 'r1', txnRef: 't1', reference: '1', ...money };

const entry = (orderId: string, what: AuditEntry['what'], more: Partial<AuditEntry> = {}) => ({
  tenantId: undefined,
  item: { orderId, entry: `${AT}#${what}`, at: AT, what, ...more },
});

const books = { charges: [charge('1', 't1'), charge('2', undefined)], refunds: [refund] };

const trail = [
  entry('1', 'held'),
  entry('1', 'released', { by: 'ann' }),
  entry('1', 'charged', { paymentId: 't1' }),
  entry('1', 'refunded', { paymentId: 't1', refundId: 'r1' }),
  entry('2', 'declined'),
];

describe('the audit trail', () => {
  it('holds if it has each charge, decline and refund of the gateway once', () => {
    expect(checkPaymentAudit(trail, books)).toEqual({
      name: 'money: the audit trail has what the gateway did',
      holds: true,
      detail: ['3 acts'],
    });
  });

  it.each([
    [
      'misses a charge',
      trail.filter(({ item }) => item.what !== 'charged'),
      'the charge t1 of order 1 is 0 times in the trail, and the gateway has 1',
    ],
    [
      'has a refund twice',
      [...trail, ...trail.slice(3, 4)],
      'the refund r1 of order 1 is 2 times in the trail, and the gateway has 1',
    ],
    [
      'has a decline that never was',
      [...trail, entry('3', 'declined')],
      'the decline of order 3 is 1 time in the trail, and the gateway has 0',
    ],
  ])('is wrong if it %s', (_, entries, detail) => {
    expect(checkPaymentAudit(entries, books)).toMatchObject({ holds: false, detail: [detail] });
  });
});
