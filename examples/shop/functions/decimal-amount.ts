import type { Money } from './money.ts';
import * as z from './zod.ts';

/**
 * Currencies by their decimals, where these are not two. Not those of `Intl`: they are how amounts are shown, differ from
 * the standard for some twenty currencies (none for IQD, HUF, COP), and come and go with the runtime's version.
 * @see ISO 4217, list one
 */
const CURRENCIES_BY_DIGITS = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
} as const;

const DIGITS: ReadonlyMap<string, number> = new Map(
  Object.entries(CURRENCIES_BY_DIGITS).flatMap(([digits, currencies]) =>
    currencies.split(' ').map((currency) => [currency, Number(digits)] as const),
  ),
);

const digitsOf = (currency: string): number => DIGITS.get(currency) ?? 2;

/** As foreign systems write an amount: 1250 pence as `12.50`, 1250 yen as `1250`. */
export function toDecimalAmount({ currency, minorUnits }: Money): string {
  const digits = digitsOf(currency);
  const text = String(minorUnits).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** What foreign systems wrote: `12.50` as 1250 pence. Undefined if it is no amount with the currency's decimals. */
export function readDecimalAmount(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined || fraction.length !== digits ? undefined : Number(whole + fraction);
}

/** An answer that repeats the amount it was asked for: anything else means that something else was done. */
export const sameAmount = (asked: Money) =>
  z.object({ amt: z.literal(toDecimalAmount(asked)), ccy: z.literal(asked.currency) });
