import { consumer, requireEnv } from 'waybill/runtime';
import { createOrchestratedPaymentsHandlers } from './orchestrated-handler.ts';
import { orchestratedPayments } from './orchestrated-subscription.ts';
import { paymentSchema } from './payment.ts';
import { selectPaymentGateway } from './select-payment-gateway.ts';
import { PAYMENTS_TABLE, PAYMENTS_TABLE_NAME } from './table.ts';

const { [PAYMENTS_TABLE_NAME]: tableName } = requireEnv(process.env, PAYMENTS_TABLE_NAME);

export const handler = consumer(orchestratedPayments, (runtime) => {
  const table = runtime.table(PAYMENTS_TABLE, tableName, paymentSchema);
  const gateway = selectPaymentGateway(process.env, runtime);

  return createOrchestratedPaymentsHandlers({ payments: table, gateway });
});
