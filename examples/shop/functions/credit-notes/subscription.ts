import { defineSubscription } from 'waybill';
import { PaymentLinkCascaded } from '../order-links/events.ts';

/**
 * The payments' books: hears when the order of a payment is gone. Each payment's note is written once, whatever comes
 * before or after it, so arrival order will do.
 */
export const creditNotes = defineSubscription({
  name: 'credit-notes',
  events: [PaymentLinkCascaded],
  ordering: 'fifo',
});
