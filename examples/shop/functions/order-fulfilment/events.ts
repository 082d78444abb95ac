import { defineEvent } from 'waybill';
import { moneySchema } from '../money.ts';
import { orderGroup } from '../order-group.ts';
import { CANCELLATION_REASONS } from '../orders/cancellation-reason.ts';
import { orderLineSchema } from '../orders/events.ts';
import { paymentMethodSchema } from '../payments/payment-method.ts';
import * as z from '../zod.ts';

const source = '/order-fulfilment';
const subject = (data: { readonly orderId: string }): string => data.orderId;

/** Command to payments; answered by PaymentCaptured or PaymentFailed, after a review perhaps days later. */
export const PaymentCaptureRequested = defineEvent({
  type: 'com.example.payment.capture-requested',
  source,
  version: 1,
  schema: z.object({
    orderId: z.string(),
    amount: moneySchema,
    paymentMethod: z.optional(paymentMethodSchema),
    customerId: z.optional(z.string()),
    destination: z.optional(z.string()),
  }),
  group: orderGroup,
  subject,
});

/** Command to payments; answered by PaymentRefunded, also where nothing had been captured and nothing ever will be. */
export const PaymentRefundRequested = defineEvent({
  type: 'com.example.payment.refund-requested',
  source,
  version: 1,
  schema: z.object({ orderId: z.string() }),
  group: orderGroup,
  subject,
});

/** Command to inventory; answered by InventoryReserved or InventoryInsufficient. */
export const InventoryReservationRequested = defineEvent({
  type: 'com.example.inventory.reservation-requested',
  source,
  version: 1,
  schema: z.object({ orderId: z.string(), lines: z.array(orderLineSchema).check(z.minLength(1)) }),
  group: orderGroup,
  subject,
});

/** Command to inventory; answered by InventoryReleased. */
export const InventoryReleaseRequested = defineEvent({
  type: 'com.example.inventory.release-requested',
  source,
  version: 1,
  schema: z.object({ orderId: z.string() }),
  group: orderGroup,
  subject,
});

/** Command to shipping; answered by ShipmentCreated or ShipmentCancelled. */
export const ShipmentRequested = defineEvent({
  type: 'com.example.shipment.requested',
  source,
  version: 1,
  schema: z.object({ orderId: z.string(), lines: z.array(orderLineSchema).check(z.minLength(1)) }),
  group: orderGroup,
  subject,
});

/** Answer of the saga: the order is shipped. */
export const OrderFulfilled = defineEvent({
  type: 'com.example.order.fulfilled',
  source,
  version: 1,
  schema: z.object({ orderId: z.string() }),
  group: orderGroup,
  subject,
});

/** Answer of the saga: the order is not shipped, and all that was done for it is undone. */
export const OrderFulfilmentFailed = defineEvent({
  type: 'com.example.order.fulfilment-failed',
  source,
  version: 1,
  schema: z.object({ orderId: z.string(), reason: z.enum(CANCELLATION_REASONS) }),
  group: orderGroup,
  subject,
});
