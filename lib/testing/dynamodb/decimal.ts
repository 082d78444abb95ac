/** The exact sum of two plain decimal numbers (no exponent), as plain decimal text without redundant zeros. */
export function addDecimals(a: string, b: string): string {
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  return toText(scaled(a, scale) + scaled(b, scale), scale);
}

/** Negative, zero or positive if `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const negate = (number: string): string => (number.startsWith('-') ? number.slice(1) : `-${number}`);

/** Number of significant digits, from the first to the last that is not zero. */
export const significantDigits = (number: string): number => number.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;

/** Most digits before the point: numbers go up to 9.99…E+125. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const MAX_WHOLE_DIGITS = 126;

export const isTooLarge = (number: string): boolean =>
  (number.replace('-', '').split('.')[0] ?? '').replace(/^0+/, '').length > MAX_WHOLE_DIGITS;

const fractionDigits = (number: string) => number.split('.')[1]?.length ?? 0;

function scaled(number: string, scale: number): bigint {
  const [whole = '', fraction = ''] = number.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

function toText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return (value < 0n ? '-' : '') + (fraction === '' ? whole : `${whole}.${fraction}`);
}
