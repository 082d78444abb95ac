import { defineEvent } from 'waybill';
import { orderGroup } from '../order-group.ts';
import * as z from '../zod.ts';

const subject = (data: { readonly orderId: string }): string => data.orderId;

export const ShipmentCreated = defineEvent({
  type: 'com.example.shipment.created',
  source: '/shipping',
  version: 1,
  schema: z.object({ orderId: z.string(), shipmentId: z.string() }),
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
