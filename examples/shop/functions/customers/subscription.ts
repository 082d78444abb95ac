import { defineSubscription } from 'waybill';
import { AccountRegistered } from '../accounts/events.ts';
import { OrderCancelled, OrderPlaced } from '../orders/events.ts';
import { ShipmentCreated } from '../shipping/events.ts';

/**
 * Registers customers with their account, or with their first order if a partner placed it, and counts their orders. Strict: whose order was shipped is known from
 * its first event, which must have come before.
 */
export const customers = defineSubscription({
  name: 'customers',
  events: [AccountRegistered, OrderPlaced, ShipmentCreated, OrderCancelled],
});
