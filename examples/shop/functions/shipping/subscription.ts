import { defineSubscription } from 'waybill';
import { ParcelMoved } from '../carrier-tracking/events.ts';
import { InventoryReserved } from '../inventory/events.ts';
import { OrderCancellationRequested } from '../orders/events.ts';

/** Ships what is reserved, unless the customer was first, and follows the parcel. */
export const shipping = defineSubscription({
  name: 'shipping',
  events: [InventoryReserved, OrderCancellationRequested, ParcelMoved],
});
