import { defineSubscription } from '../../../lib/contracts/index.ts';
import { InventoryReserved } from '../inventory/events.ts';
import { PaymentCaptured } from '../payments/events.ts';
import { ShipmentCreated } from '../shipping/events.ts';

/** Follows each order on its way, up to `shipped`. */
export const orders = defineSubscription({
  name: 'orders',
  events: [PaymentCaptured, InventoryReserved, ShipmentCreated],
});
