import { looksLikeCardNumber } from '../payments/card-number.ts';
import * as z from '../zod.ts';

const line = (most: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(most),
    z.refine((text) => !looksLikeCardNumber(text), 'must not be a card number'),
  );

/** Where an order is to be delivered: personal data, which no event carries. */
export const addressSchema = z.object({
  recipient: line(100),
  line1: line(100),
  line2: z.optional(line(100)),
  city: line(60),
  postalCode: z.optional(line(16)),
  region: z.optional(line(60)),
  country: z.string().check(z.regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code like GB')),
});

export type Address = z.infer<typeof addressSchema>;
