import { counted } from '../../../../local/view/counted.ts';
import type { AuditEntry } from '../../functions/payments/audit-entry.ts';
import type { ExternalLedger } from '../external/ledger.ts';
import { type Invariant, invariant } from './invariant.ts';
import type { Owned } from './owned-items.ts';

/** The audit trail has each charge, decline and refund of the gateway once, and no others. */
export function checkPaymentAudit(
  entries: readonly Owned<AuditEntry>[],
  { charges, refunds }: Pick<ExternalLedger, 'charges' | 'refunds'>,
): Invariant {
  const noted = entries.flatMap(({ item: { what, orderId, paymentId, refundId } }) => {
    if (what === 'charged') return [`charge ${paymentId} of order ${orderId}`];
    if (what === 'refunded') return [`refund ${refundId} of order ${orderId}`];
    return what === 'declined' ? [`decline of order ${orderId}`] : [];
  });
  const done = [
    ...charges.map(({ state, txnRef, reference }) =>
      state === 'CAPTURED' ? `charge ${txnRef} of order ${reference}` : `decline of order ${reference}`,
    ),
    ...refunds.map(({ refundRef, reference }) => `refund ${refundRef} of order ${reference}`),
  ];
  const [inTrail, inBooks] = [countEach(noted), countEach(done)];
  const wrong = [...new Set([...inTrail.keys(), ...inBooks.keys()])].flatMap((act) => {
    const [trail, books] = [inTrail.get(act) ?? 0, inBooks.get(act) ?? 0];
    return trail === books
      ? []
      : [`the ${act} is ${counted(trail, 'time')} in the trail, and the gateway has ${books}`];
  });
  return invariant('money: the audit trail has what the gateway did', [counted(noted.length, 'act')], wrong);
}

function countEach(acts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const act of acts) counts.set(act, (counts.get(act) ?? 0) + 1);
  return counts;
}
