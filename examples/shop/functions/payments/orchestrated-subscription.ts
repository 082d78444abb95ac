import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { PaymentCaptureRequested, PaymentRefundRequested } from '../order-fulfilment/events.ts';

/** Captures and refunds as the saga says. */
export const orchestratedPayments = defineSubscription({
  name: 'payments',
  events: [PaymentCaptureRequested, PaymentRefundRequested],
});
