import { consumer, requireEnv } from 'waybill/runtime';
import { auditEntrySchema } from './audit-entry.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createPaymentsHandlers } from './handler.ts';
import { paymentSchema } from './payment.ts';
import { selectFraudCheck } from './select-fraud-check.ts';
import { selectPaymentGateway } from './select-payment-gateway.ts';
import { payments } from './subscription.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENT_AUDIT_TABLE_NAME, PAYMENTS_TABLE, PAYMENTS_TABLE_NAME } from './table.ts';

const env = requireEnv(process.env, PAYMENTS_TABLE_NAME, PAYMENT_AUDIT_TABLE_NAME);

export const handler = consumer(payments, (runtime) => {
  const table = runtime.table(PAYMENTS_TABLE, env[PAYMENTS_TABLE_NAME], paymentSchema);
  const entries = runtime.table(PAYMENT_AUDIT_TABLE, env[PAYMENT_AUDIT_TABLE_NAME], auditEntrySchema);
  const audit = createAuditTrail({ entries, clock: runtime.clock });
  const gateway = selectPaymentGateway(process.env, runtime);
  const fraudCheck = selectFraudCheck(process.env, runtime);

  return createPaymentsHandlers({ payments: table, audit, gateway, fraudCheck });
});
