import { type HandlerContext, handlersFor } from 'waybill/consumer';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { isUnderReview } from './payment.ts';
import { createPaymentService, type PaymentsDeps } from './payment-service.ts';
import { payments } from './subscription.ts';

export function createPaymentsHandlers(deps: PaymentsDeps) {
  const paymentService = createPaymentService(deps);

  const giveBack = async (orderId: string, context: HandlerContext) => {
    const payment = await deps.payments.get({ orderId });
    if (payment === undefined) throw new UnknownOrderError('payments', orderId);
    if (payment.status === 'captured') await paymentService.refund(payment, context);
    else if (isUnderReview(payment)) paymentService.giveUp(payment, context);
  };

  return handlersFor(payments, {
    'com.example.order.placed': ({ data: { total, ...order } }, context) =>
      paymentService.capture({ ...order, amount: total }, context),
    'com.example.payment.reviewed': ({ data }, context) => paymentService.conclude(data.orderId, context),
    'com.example.inventory.insufficient': ({ data }, context) => giveBack(data.orderId, context),
    'com.example.inventory.released': ({ data }, context) => giveBack(data.orderId, context),
  });
}
