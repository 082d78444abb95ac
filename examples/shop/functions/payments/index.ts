import { consumer, requireEnv } from 'waybill/runtime';
import { createPaymentsHandlers } from './handler.ts';
import { paymentSchema } from './payment.ts';
import { selectPaymentGateway } from './select-payment-gateway.ts';
import { payments } from './subscription.ts';
import { PAYMENTS_TABLE, PAYMENTS_TABLE_NAME } from './table.ts';

const { [PAYMENTS_TABLE_NAME]: tableName } = requireEnv(process.env, PAYMENTS_TABLE_NAME);

export const handler = consumer(payments, (runtime) => {
  const table = runtime.table(PAYMENTS_TABLE, tableName, paymentSchema);
  const gateway = selectPaymentGateway(process.env, runtime);

  return createPaymentsHandlers({ payments: table, gateway });
});
