import { defineSubscription } from 'waybill';
import { OrderPlaced } from '../../../../../functions/orders/events.ts';
import { PaymentCaptured } from '../../../../../functions/payments/events.ts';
import { ShipmentCreated } from '../../../../../functions/shipping/events.ts';

/** Grants points for what is shipped. */
export const loyalty = defineSubscription({ name: 'loyalty', events: [OrderPlaced, ShipmentCreated] });

/** Grants a point for the payment, too. */
export const loyaltyWithPayments = defineSubscription({
  name: 'loyalty',
  events: [OrderPlaced, PaymentCaptured, ShipmentCreated],
});
