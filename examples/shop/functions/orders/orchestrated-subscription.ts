import { defineSubscription } from 'waybill';
import { AccountDeleted } from '../accounts/events.ts';
import { InventoryInsufficient, InventoryReserved } from '../inventory/events.ts';
import { OrderFulfilled, OrderFulfilmentFailed } from '../order-fulfilment/events.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld } from '../payments/events.ts';
import { ShipmentCancelled, ShipmentCreated } from '../shipping/events.ts';

/** Shows what the services answer to the saga; that an order is cancelled, only the saga says. */
export const orchestratedOrders = defineSubscription({
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
    OrderFulfilled,
    OrderFulfilmentFailed,
  ],
});
