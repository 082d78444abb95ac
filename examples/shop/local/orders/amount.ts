/** Of generated orders, and of the CSV files' amounts. */
export const CURRENCY = 'GBP';

export interface Amount {
  readonly minorUnits: number;
  /** More than the noise of binary fractions was cut off. */
  readonly isRounded: boolean;
}

const MINOR_DIGITS = 2;

/** A difference of less than a millionth is noise: 22.200000000000003 means 22.20. */
const NOISE_DIGITS = 6;

/**
 * Reads an amount of pounds into pence, on the decimal text itself and half up.
 * @returns the reason, when the text is no amount
 */
export function readAmount(text: string): Amount | string {
  const [, sign, whole = '', fraction = ''] = /^([-+]?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '') return `'${text}' is no decimal number like 12.50`;
  if (sign === '-') return `'${text}' is negative`;
  const digits = fraction.padEnd(MINOR_DIGITS, '0');
  const scale = 10n ** BigInt(digits.length - MINOR_DIGITS);
  const value = BigInt(whole + digits);
  const minorUnits = (2n * value + scale) / (2n * scale);
  if (minorUnits > BigInt(Number.MAX_SAFE_INTEGER)) return `'${text}' is too large`;
  const cut = value - minorUnits * scale;
  const difference = cut < 0n ? -cut : cut;
  const isRounded = difference * 10n ** BigInt(NOISE_DIGITS - MINOR_DIGITS) >= scale && difference > 0n;
  return { minorUnits: Number(minorUnits), isRounded };
}

/** `12.30` of 1230 */
export const formatAmount = (minorUnits: number): string => (minorUnits / 10 ** MINOR_DIGITS).toFixed(MINOR_DIGITS);
