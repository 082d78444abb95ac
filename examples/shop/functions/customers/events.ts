import { defineEvent } from 'waybill';
import * as z from '../zod.ts';

/** Somebody is a customer from now on: by an account, or by a first order that a partner has placed. */
export const CustomerRegistered = defineEvent({
  type: 'com.example.customer.registered',
  source: '/customers',
  version: 1,
  schema: z.object({
    customerId: z.string().check(z.minLength(1)),
    /** What came first; of registrations that say it. */
    by: z.optional(z.enum(['account', 'order'])),
  }),
  group: ({ customerId }) => `customer#${encodeURIComponent(customerId)}`,
  subject: ({ customerId }) => customerId,
});
