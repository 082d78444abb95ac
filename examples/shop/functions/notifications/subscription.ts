import { defineSubscription } from 'waybill';
import { AccountDeleted, AccountPreferencesChanged } from '../accounts/events.ts';
import { CustomerRegistered } from '../customers/events.ts';
import { OrderCancelled, OrderPlaced } from '../orders/events.ts';
import { ShipmentCreated, ShipmentDelivered } from '../shipping/events.ts';

/**
 * Writes to customers what they want to read. Strict: it learns whose order it is from the order's first event, and by arrival order a
 * shipment that came before it would keep it waiting behind itself. While the mail service is down, a customer's news
 * waits in its order, and no other order does.
 */
export const notifications = defineSubscription({
  name: 'notifications',
  events: [
    AccountPreferencesChanged,
    AccountDeleted,
    CustomerRegistered,
    OrderPlaced,
    ShipmentCreated,
    ShipmentDelivered,
    OrderCancelled,
  ],
});
