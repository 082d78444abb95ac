import { defineSubscription } from 'waybill';
import { ParcelMoved } from '../carrier-tracking/events.ts';
import { ShipmentRequested } from '../order-fulfilment/events.ts';

/** Ships as the saga says; it is for the saga to ask no more once the customer has cancelled. */
export const orchestratedShipping = defineSubscription({ name: 'shipping', events: [ShipmentRequested, ParcelMoved] });
