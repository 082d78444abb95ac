/** ISO 4217's decimals, where they are not two; written down apart from the shop's, so that neither hides a mistake. */
const DIGITS_BY_CURRENCY: ReadonlyMap<string, number> = new Map([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG'].map((code) => [code, 0] as const),
  ...['RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
  ...['CLF', 'UYW'].map((code) => [code, 4] as const),
]);

/** `12.50` as 1250 minor units; undefined where text and currency are no amount. */
export function readAmount(text: unknown, currency: unknown): number | undefined {
  if (typeof text !== 'string' || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return undefined;
  const digits = DIGITS_BY_CURRENCY.get(currency) ?? 2;
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined || fraction.length !== digits ? undefined : Number(whole + fraction);
}
