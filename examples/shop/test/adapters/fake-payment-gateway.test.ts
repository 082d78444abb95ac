import { createFakePaymentGateway } from '../../functions/payments/fake-payment-gateway.ts';
import { describePaymentGateway } from './payment-gateway.ts';

describePaymentGateway('fake', () => {
  const gateway = createFakePaymentGateway();
  return {
    gateway,
    charged: () => gateway.charges.map(({ idempotencyKey }) => idempotencyKey),
    refunded: () => gateway.refunds.map(({ idempotencyKey }) => idempotencyKey),
  };
});
