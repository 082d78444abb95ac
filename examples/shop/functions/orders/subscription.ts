import { defineSubscription } from 'waybill';
import { AccountDeleted } from '../accounts/events.ts';
import { InventoryInsufficient, InventoryReserved } from '../inventory/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded } from '../payments/events.ts';
import { ShipmentCancelled, ShipmentCreated } from '../shipping/events.ts';

/** Follows each order on its way, up to `shipped` or `cancelled`. Deletes the addresses of customers whose account is deleted. */
export const orders = defineSubscription({
  name: 'orders',
  events: [
    AccountDeleted,
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
