import { createProducerRuntime, requireEnv, systemClock } from 'waybill/runtime';
import { auditEntrySchema } from '../payments/audit-entry.ts';
import { createAuditTrail } from '../payments/audit-trail.ts';
import { paymentSchema } from '../payments/payment.ts';
import {
  PAYMENT_AUDIT_TABLE,
  PAYMENT_AUDIT_TABLE_NAME,
  PAYMENTS_TABLE,
  PAYMENTS_TABLE_NAME,
} from '../payments/table.ts';
import { createReviewPayment } from './handler.ts';

const env = requireEnv(process.env, PAYMENTS_TABLE_NAME, PAYMENT_AUDIT_TABLE_NAME);
const { outbox, tenancy, table, logger } = createProducerRuntime();
const payments = table(PAYMENTS_TABLE, env[PAYMENTS_TABLE_NAME], (item) => paymentSchema.parse(item));
const entries = table(PAYMENT_AUDIT_TABLE, env[PAYMENT_AUDIT_TABLE_NAME], (item) => auditEntrySchema.parse(item));
const audit = createAuditTrail({ entries, clock: systemClock });

export const handler = createReviewPayment({ payments, audit, outbox, tenancy, logger });
