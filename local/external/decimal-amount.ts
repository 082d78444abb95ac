const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;

/** `12.50` as 1250 minor units; undefined where text and currency are no amount. */
export function readAmount(text: unknown, currency: unknown): number | undefined {
  if (typeof text !== 'string' || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return undefined;
  const digits = digitsOf(currency);
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined || fraction.length !== digits ? undefined : Number(whole + fraction);
}
