import { defineEvent } from 'waybill';
import { orderGroup } from '../order-group.ts';
import * as z from '../zod.ts';

const subject = (data: { readonly orderId: string }): string => data.orderId;

export const ShipmentCreated = defineEvent({
  type: 'com.example.shipment.created',
  source: '/shipping',
  version: 1,
  schema: z.object({
    orderId: z.string(),
    shipmentId: z.string(),
    /** Of shipments that were booked with a choice of carriers. */
    carrier: z.optional(z.string()),
  }),
  group: orderGroup,
  subject,
});

/** The order has not been shipped, and never will be. */
export const ShipmentCancelled = defineEvent({
  type: 'com.example.shipment.cancelled',
  source: '/shipping',
  version: 1,
  schema: z.object({ orderId: z.string(), reason: z.enum(['customer', 'carrier']) }),
  group: orderGroup,
  subject,
});

/** The parcel of an order has been seen further on its way than before; its last station is told by ShipmentDelivered. */
export const ShipmentTracked = defineEvent({
  type: 'com.example.shipment.tracked',
  source: '/shipping',
  version: 1,
  schema: z.object({
    orderId: z.string(),
    shipmentId: z.string(),
    status: z.enum(['picked-up', 'in-transit', 'out-for-delivery']),
    /** RFC 3339, by the carrier. */
    at: z.string(),
  }),
  group: orderGroup,
  subject,
});

/** The customer has the parcel. */
export const ShipmentDelivered = defineEvent({
  type: 'com.example.shipment.delivered',
  source: '/shipping',
  version: 1,
  schema: z.object({ orderId: z.string(), shipmentId: z.string(), at: z.string() }),
  group: orderGroup,
  subject,
});
