import { describe, expect, it } from 'vitest';
import { toDecimalAmount } from '../../functions/decimal-amount.ts';

describe('a decimal amount', () => {
  it.each([
    ['GBP', 1250, '12.50'],
    ['GBP', 5, '0.05'],
    ['GBP', 0, '0.00'],
    ['JPY', 1250, '1250'],
    ['KWD', 1250, '1.250'],
    ['CLF', 1250, '0.1250'],
    ['HUF', 1250, '12.50'],
    ['COP', 1250, '12.50'],
    ['IQD', 1250, '1.250'],
    ['GBP', 9_007_199_254_740_991, '90071992547409.91'],
  ])('has the decimals of its currency: %s %i is %s', (currency, minorUnits, text) => {
    expect(toDecimalAmount({ currency, minorUnits })).toBe(text);
  });
});
