import type { UnitOfWork } from 'waybill/outbox';
import { type Clock, toTimestamp } from 'waybill/runtime';
import type { TenantTable } from 'waybill/tenancy';
import type { AuditEntry, AuditNote } from './audit-entry.ts';

/** What was done with the money of each order. An entry is written with what it tells of, and never changed. */
export interface AuditTrail {
  add(tx: UnitOfWork, orderId: string, note: AuditNote): void;
}

export interface AuditTrailDeps {
  readonly entries: Pick<TenantTable<AuditEntry>, 'within'>;
  readonly clock: Clock;
}

export const createAuditTrail = ({ entries, clock }: AuditTrailDeps): AuditTrail => ({
  add(tx, orderId, note) {
    const at = toTimestamp(clock.now());
    entries.within(tx).put({
      Item: { orderId, entry: `${at}#${note.what}`, at, ...note },
      ConditionExpression: 'attribute_not_exists(orderId)',
    });
  },
});
