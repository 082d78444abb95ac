import { handlersFor } from 'waybill/consumer';
import { orchestratedPayments } from './orchestrated-subscription.ts';
import { isUnderReview } from './payment.ts';
import { createPaymentService, type PaymentsDeps } from './payment-service.ts';

export function createOrchestratedPaymentsHandlers(deps: PaymentsDeps) {
  const paymentService = createPaymentService(deps);

  return handlersFor(orchestratedPayments, {
    'com.example.payment.capture-requested': ({ data }, context) => paymentService.capture(data, context),
    'com.example.payment.reviewed': ({ data }, context) => paymentService.conclude(data.orderId, context),

    'com.example.payment.refund-requested': async ({ data: { orderId } }, context) => {
      const payment = await deps.payments.get({ orderId });
      if (payment?.status === 'captured') await paymentService.refund(payment, context);
      else if (payment === undefined || payment.status === 'failed' || isUnderReview(payment)) {
        paymentService.close(orderId, payment, context);
      }
    },
  });
}
