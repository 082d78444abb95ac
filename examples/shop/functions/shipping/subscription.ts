import { defineSubscription } from 'waybill';
import { InventoryReserved } from '../inventory/events.ts';
import { OrderCancellationRequested } from '../orders/events.ts';

/** Ships what is reserved, unless the customer was first. */
export const shipping = defineSubscription({
  name: 'shipping',
  events: [InventoryReserved, OrderCancellationRequested],
});
