import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimals, compareDecimals, negate, significantDigits } from '../../../../lib/testing/dynamodb/decimal.ts';

describe('decimals', () => {
  it.each([
    ['0.1', '0.2', '0.3'],
    ['99999999999999999999999999999999999999', '1', '100000000000000000000000000000000000000'],
    ['-1', '1', '0'],
    ['-0.5', '0.25', '-0.25'],
    ['1.50', '0.50', '2'],
    ['0.00000000000000000001', '-0.00000000000000000002', '-0.00000000000000000001'],
  ])('%s + %s is exactly %s', (a, b, sum) => {
    expect(addDecimals(a, b)).toBe(sum);
  });

  it('add and compare as whole numbers do', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(addDecimals(`${a}`, `${b}`)).toBe(`${a + b}`);
        expect(Math.sign(compareDecimals(`${a}`, `${b}`))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(addDecimals(`${a}`, negate(`${a}`))).toBe('0');
      }),
    );
  });

  it.each([
    ['0', 0],
    ['120', 2],
    ['-0.0012', 2],
    ['10.01', 4],
  ])('%s has %d significant digits', (number, digits) => {
    expect(significantDigits(number)).toBe(digits);
  });
});
