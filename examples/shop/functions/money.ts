import * as z from './zod.ts';

/** An amount in whole minor units (pence, cents): sums stay exact. */
export const moneySchema = z.object({
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like GBP')),
  minorUnits: z.int().check(z.nonnegative()),
});

export type Money = z.infer<typeof moneySchema>;
