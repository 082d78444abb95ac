import { linkCascadedTo } from 'waybill';

/** The order that a payment was for is gone; told to the payments' books. */
export const PaymentLinkCascaded = linkCascadedTo('payments');
