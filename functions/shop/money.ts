import * as z from 'zod';

/** An amount in whole minor units (pence, cents): sums stay exact. */
export const moneySchema = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like GBP'),
  minorUnits: z.int().nonnegative(),
});

export type Money = z.infer<typeof moneySchema>;
