import { defineSubscription } from 'waybill';
import { OrderPlaced } from '../orders/events.ts';
import { PaymentCaptured, PaymentFailed } from '../payments/events.ts';
import { ShipmentCancelled } from '../shipping/events.ts';

/** Learns from the placed order what is wanted, reserves it once it is paid, and takes it back when it is not shipped. */
export const inventory = defineSubscription({
  name: 'inventory',
  events: [OrderPlaced, PaymentCaptured, PaymentFailed, ShipmentCancelled],
});
