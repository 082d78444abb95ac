import fc from 'fast-check';
import { expect, it } from 'vitest';
import { looksLikeCardNumber } from '../../functions/payments/card-number.ts';

it.each([
  '4242424242424242',
  '4242 4242 4242 4242',
  '3782-822463-10005',
  'tok_5555555555554444',
  'my card is 6011111111111117, thanks',
  '4222222222222',
])('takes %s for a card number', (text) => {
  expect(looksLikeCardNumber(text)).toBe(true);
});

it.each([
  ['a wrong check digit', '4242424242424241'],
  ['too few digits', '424242424242'],
  ['a token of letters and digits', 'pm1q4242424242424242zz'],
  ['a first digit that no card has', '0000000000000000'],
  ['an address', '12 Tea Lane, LS1 4AP'],
])('takes a text with %s for none', (_, text) => {
  expect(looksLikeCardNumber(text)).toBe(false);
});

it('finds every number with a right check digit, and none with a wrong one', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 17 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), digits, (first, rest) => {
      const body = [first, ...rest];
      // every second digit from the right counts twice
      const sum = body
        .toReversed()
        .map((digit, place) => (place % 2 === 0 ? ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0) : digit))
        .reduce((total, digit) => total + digit, 0);
      const right = (10 - (sum % 10)) % 10;
      expect(looksLikeCardNumber(`${body.join('')}${right}`)).toBe(true);
      expect(looksLikeCardNumber(`${body.join('')}${(right + 1) % 10}`)).toBe(false);
    }),
  );
});
