import { handlersFor } from '../../../../lib/consumer/index.ts';
import { orchestratedPayments } from './orchestrated-subscription.ts';
import { createTill, type PaymentsDeps } from './till.ts';

export function createOrchestratedPaymentsHandlers(deps: PaymentsDeps) {
  const till = createTill(deps);

  return handlersFor(orchestratedPayments, {
    'com.example.payment.capture-requested': ({ data }, context) => till.capture(data.orderId, data.amount, context),

    'com.example.payment.refund-requested': async ({ data: { orderId } }, context) => {
      const payment = await deps.payments.get({ orderId });
      if (payment?.status === 'captured') await till.refund(payment, context);
      else if (payment === undefined || payment.status === 'failed') till.close(orderId, payment, context);
    },
  });
}
