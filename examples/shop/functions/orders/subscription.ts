import { defineSubscription } from 'waybill';
import { InventoryInsufficient, InventoryReserved } from '../inventory/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded } from '../payments/events.ts';
import { ShipmentCancelled, ShipmentCreated } from '../shipping/events.ts';

/** Follows each order on its way, up to `shipped` or `cancelled`. */
export const orders = defineSubscription({
  name: 'orders',
  events: [
    PaymentCaptured,
    PaymentFailed,
    PaymentHeld,
    InventoryReserved,
    InventoryInsufficient,
    ShipmentCreated,
    ShipmentCancelled,
    PaymentRefunded,
  ],
});
