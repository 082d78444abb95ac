import { defineSubscription } from 'waybill';
import { OrderCancelled, OrderPlaced } from '../orders/events.ts';
import { ShipmentCreated } from '../shipping/events.ts';

/**
 * Registers customers with their first order, and counts their orders. Strict: whose order was shipped is known from
 * its first event, which must have come before.
 */
export const customers = defineSubscription({
  name: 'customers',
  events: [OrderPlaced, ShipmentCreated, OrderCancelled],
});
