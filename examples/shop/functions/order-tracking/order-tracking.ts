import { TRACKING_STATUSES } from '../carrier-tracking/tracking-status.ts';
import { moneySchema } from '../money.ts';
import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

/** What became of the money. Instants are RFC 3339. */
export const paymentStatusSchema = z.object({
  status: z.enum(['captured', 'declined', 'refunded']),
  amount: moneySchema,
  /** Of a payment that was declined. */
  reason: z.optional(z.string()),
  changedAt: z.string(),
});

/** What became of the parcel. */
export const shipmentStatusSchema = z.object({
  status: z.enum(['booked', 'cancelled']),
  /** Of a shipment that is booked. */
  shipmentId: z.optional(z.string()),
  /** Who brings it, of a shipment that was booked with a choice. */
  carrier: z.optional(z.string()),
  /** Of a shipment that is cancelled. */
  reason: z.optional(z.enum(['customer', 'carrier'])),
  /** Where the carrier saw the parcel last. */
  parcel: z.optional(z.object({ status: z.enum(TRACKING_STATUSES), at: z.string() })),
  changedAt: z.string(),
});

/** What the services have told of an order that they fulfil; what none has told of is not there yet. */
export const orderTrackingSchema = z.object({
  orderId: z.string(),
  customerId: z.string(),
  lines: z.array(orderLineSchema),
  payment: z.optional(paymentStatusSchema),
  shipment: z.optional(shipmentStatusSchema),
});

export type OrderTracking = z.infer<typeof orderTrackingSchema>;
