import { linkCascadedTo } from '../../../../lib/links/events.ts';

/** The order that a payment was for is gone; told to the payments' books. */
export const PaymentLinkCascaded = linkCascadedTo('payments');
