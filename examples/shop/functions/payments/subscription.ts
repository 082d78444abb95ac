import { defineSubscription } from 'waybill';
import { InventoryInsufficient, InventoryReleased } from '../inventory/events.ts';
import { OrderPlaced } from '../orders/events.ts';
import { PaymentReviewed } from './events.ts';

/** Captures the payment of each placed order, and gives it back where there is no stock for it, or none any more. */
export const payments = defineSubscription({
  name: 'payments',
  events: [OrderPlaced, PaymentReviewed, InventoryInsufficient, InventoryReleased],
});
