import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeViolations, violationsOf } from '../../../lib/shared/schema-issues.ts';

describe('the issues that a schema reports', () => {
  it.each([
    ['a quoted text', 'received "Al"', 'Al', 'received "…"'],
    ['a text in single quotes', "'Al' is no email", 'Al', "'…' is no email"],
    ['a text without quotes', 'jane@example.com is taken', 'jane@example.com', '… is taken'],
    ['a number', 'must be at least 50 (was 42)', 42, 'must be at least 50 (was …)'],
    ['a text with signs of its own', 'got "a\\"b" here', 'a"b', 'got "…" here'],
    ['a text of regular expressions', 'got (a+)+$[x] here', '(a+)+$[x]', 'got … here'],
  ])('do not contain %s', (_, message, value, expected) => {
    expect(violationsOf([{ message, path: ['at'] }], { at: value })).toStrictEqual([{ path: 'at', message: expected }]);
  });

  it('do not contain values that are deeper than their path', () => {
    const [violation] = violationsOf([{ message: 'received {"email":"jane@example.com"}' }], {
      people: [{ email: 'jane@example.com' }],
    });

    expect(violation).toStrictEqual({ path: '', message: 'received {"email":"…"}' });
  });

  it('keep words of the message that are short or only part of the value', () => {
    const said = { message: 'expected one of "card" and "cash", this is bad', path: [{ key: 'payment' }] };

    expect(violationsOf([said], { payment: 'bad' })).toStrictEqual([{ path: 'payment', message: said.message }]);
    expect(violationsOf([said], { payment: 'expect' })).toStrictEqual([{ path: 'payment', message: said.message }]);
  });

  it('are read from any value, at any path', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), fc.string(), (value, path, message) => {
        expect(violationsOf([{ message, path }], value)).toMatchObject([{ path: path.join('.') }]);
      }),
    );
  });

  it('are limited to the first ten, with the number of the others', () => {
    const issues = Array.from({ length: 9_000 }, (_, index) => ({ message: 'is odd', path: ['lines', index] }));

    expect(describeViolations(violationsOf(issues, {}))).toBe(
      'lines.0: is odd; lines.1: is odd; lines.2: is odd; lines.3: is odd; lines.4: is odd; lines.5: is odd; lines.6: is odd; lines.7: is odd; lines.8: is odd; lines.9: is odd; and 8990 more',
    );
  });
});
