import { defineSubscription, LinkDeletionContinued } from 'waybill';
import { OrderCancelled } from '../orders/events.ts';
import { PaymentCaptured, PaymentRefunded } from '../payments/events.ts';
import { ShipmentCreated } from '../shipping/events.ts';

/** Keeps what belongs to an order linked with it, from what the services tell of themselves. */
export const orderLinks = defineSubscription({
  name: 'order-links',
  events: [PaymentCaptured, PaymentRefunded, ShipmentCreated, OrderCancelled, LinkDeletionContinued],
  permanentErrors: ['LINK_AGGREGATE_ROOT_TAKEN'],
});
