import { defineEvent } from 'waybill';
import * as z from '../zod.ts';

/** A customer has placed an order for the first time. */
export const CustomerRegistered = defineEvent({
  type: 'com.example.customer.registered',
  source: '/customers',
  version: 1,
  schema: z.object({ customerId: z.string().check(z.minLength(1)) }),
  group: ({ customerId }) => `customer#${encodeURIComponent(customerId)}`,
  subject: ({ customerId }) => customerId,
});
