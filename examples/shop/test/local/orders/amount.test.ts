import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, readAmount } from '../../../local/orders/amount.ts';

describe('readAmount', () => {
  it.each([
    ['139.12', 13_912],
    ['22.200000000000003', 2_220],
    ['70.05000000000001', 7_005],
    ['70.049999999999997', 7_005],
    ['0.1', 10],
    ['15', 1_500],
    ['0', 0],
    ['+3.5', 350],
    ['90071992547409.91', 9_007_199_254_740_991],
  ])('reads %s as %i pence', (text, minorUnits) => {
    expect(readAmount(text)).toEqual({ minorUnits, isRounded: false });
  });

  it.each([
    ['1.005', 101],
    ['1.0049', 100],
    ['12.345', 1_235],
    ['0.000001', 0],
  ])('rounds %s half up to %i pence, and says so', (text, minorUnits) => {
    expect(readAmount(text)).toEqual({ minorUnits, isRounded: true });
  });

  it.each([
    ['', "'' is no decimal number like 12.50"],
    ['abc', "'abc' is no decimal number like 12.50"],
    ['1e3', "'1e3' is no decimal number like 12.50"],
    ['NaN', "'NaN' is no decimal number like 12.50"],
    ['.5', "'.5' is no decimal number like 12.50"],
    ['1,5', "'1,5' is no decimal number like 12.50"],
    ['-3.5', "'-3.5' is negative"],
    ['90071992547409.92', "'90071992547409.92' is too large"],
  ])('rejects %j', (text, reason) => {
    expect(readAmount(text)).toBe(reason);
  });

  it('reads back every whole number of pence, with or without floating-point noise', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.nat({ max: 10 }), (pence, summands) => {
        const noisy = Array.from({ length: summands }).reduce<number>((sum) => sum + 0.1, pence / 100);

        expect(readAmount(formatAmount(pence))).toEqual({ minorUnits: pence, isRounded: false });
        expect(readAmount(String(noisy))).toEqual({ minorUnits: pence + 10 * summands, isRounded: false });
      }),
    );
  });
});
