import { defineSubscription } from 'waybill';
import { PaymentCaptureRequested, PaymentRefundRequested } from '../order-fulfilment/events.ts';
import { PaymentReviewed } from './events.ts';

/** Captures and refunds as the saga says. */
export const orchestratedPayments = defineSubscription({
  name: 'payments',
  events: [PaymentCaptureRequested, PaymentReviewed, PaymentRefundRequested],
});
