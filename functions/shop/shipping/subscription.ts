import { defineSubscription } from '../../../lib/contracts/index.ts';
import { InventoryReserved } from '../inventory/events.ts';

/** Creates the shipment of what is reserved. */
export const shipping = defineSubscription({ name: 'shipping', events: [InventoryReserved] });
