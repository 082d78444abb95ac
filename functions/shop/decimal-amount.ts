import * as z from '../zod.ts';
import type { Money } from './money.ts';

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;

/** As foreign systems write an amount: 1250 pence as `12.50`, 1250 yen as `1250`. */
export function toDecimalAmount({ currency, minorUnits }: Money): string {
  const digits = digitsOf(currency);
  const text = String(minorUnits).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An answer that repeats the amount it was asked for: anything else means that something else was done. */
export const sameAmount = (asked: Money) =>
  z.object({ amt: z.literal(toDecimalAmount(asked)), ccy: z.literal(asked.currency) });
