import { defineSubscription } from 'waybill';
import { InventoryReleaseRequested, InventoryReservationRequested } from '../order-fulfilment/events.ts';

/** Reserves and releases as the saga says. */
export const orchestratedInventory = defineSubscription({
  name: 'inventory',
  events: [InventoryReservationRequested, InventoryReleaseRequested],
});
