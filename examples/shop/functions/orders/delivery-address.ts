import * as z from '../zod.ts';
import { addressSchema } from './address.ts';

/**
 * Where an order is to be delivered, as its table holds it. Written once, with the order, so that everybody who asks
 * gets the same answer as long as it is there.
 */
export const deliveryAddressSchema = z.object({
  orderId: z.string(),
  address: addressSchema,
  /** Epoch seconds, from which on DynamoDB deletes it. */
  expires: z.int(),
});

export type DeliveryAddress = z.infer<typeof deliveryAddressSchema>;

/** Longer than a review or an outage keeps an order from being shipped, and a parcel from coming back. */
export const ADDRESS_RETENTION_SECONDS = 90 * 24 * 60 * 60;
