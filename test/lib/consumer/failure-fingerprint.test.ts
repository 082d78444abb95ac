import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../lib/consumer/failure-fingerprint.ts';

const patternOf = (message: string) => fingerprintOf({ code: 'A', message }).pattern;

describe('the fingerprint of a failure', () => {
  it.each([
    ["order '1042' has 3 lines", "order '…' has <n> lines"],
    ['order#1042 is not in order#7', 'order#<id> is not in order#<id>'],
    ['GET https://api.example.com/orders/7?x=1 returned 503', 'GET <url> returned <n>'],
    ['connect ECONNREFUSED 127.0.0.1:8443', 'connect ECONNREFUSED <address>'],
    ['no account of ada@example.com', 'no account of <email>'],
    ['event 01a1f7d9-21de-7410-9189-e4398f8c6cbc is too old', 'event <id> is too old'],
    ['paid at 2026-11-20T07:26:04.123Z, due 2026-11-19', 'paid at <time>, due <time>'],
    ['request 7f3a9c1e2b4d of sha 9f86d081884c7d659a2feaa0c55ad015', 'request <id> of sha <id>'],
    ['key arn:aws:kms:eu-west-1:123456789012:key/ab is disabled', 'key <arn> is disabled'],
    ["can't charge, it isn't allowed", "can't charge, it isn't allowed"],
    ['amount -12.50 exceeds 1,000.00', 'amount <n> exceeds <n>'],
    ['Cannot read properties of undefined (reading "total")', "Cannot read properties of undefined (reading '…')"],
    ['utf8 and base64 are the encodings', 'utf8 and base64 are the encodings'],
    ['two\n  lines', 'two lines'],
    ["data of 'com.example.order.pla…", "data of '…'"],
  ])('takes the variable parts out of %j', (message, pattern) => {
    expect(patternOf(message)).toBe(pattern);
  });

  it('is the same for the same cause and differs by code and by text', () => {
    const one = fingerprintOf({ code: 'STOCK_LOW', message: "product '22423' has 3 left" });

    expect(one.fingerprint).toBe('4fb7d7f00844');
    expect(fingerprintOf({ code: 'STOCK_LOW', message: "product '85123A' has 12 left" })).toStrictEqual(one);
    expect(fingerprintOf({ code: 'STOCK_GONE', message: "product '22423' has 3 left" }).fingerprint).not.toBe(
      one.fingerprint,
    );
    expect(fingerprintOf({ code: 'STOCK_LOW', message: "product '22423' is withdrawn" }).fingerprint).not.toBe(
      one.fingerprint,
    );
  });

  it('is the same wherever a long message was cut', () => {
    const long = (value: string, length: number) =>
      `lines of order '${value}' are wrong: ${'too small a number of lines; '.repeat(40)}`.slice(0, length);

    expect(fingerprintOf({ code: 'A', message: long('7', 480) })).toStrictEqual(
      fingerprintOf({ code: 'A', message: long('a-much-longer-order-id-00001', 499) }),
    );
  });

  it('has no part of any quoted value, number or id, and is bounded', () => {
    const value = fc
      .oneof(fc.uuid(), fc.nat().map(String), fc.emailAddress(), fc.webUrl())
      .filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(value, value, (one, other) => {
        const message = (each: string) => `cannot take ${each} for now`;
        const kind = (each: string) => fingerprintOf({ code: 'A', message: message(`'${each}'`) }).fingerprint;
        expect(kind(one)).toBe(kind(other));
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (message) => {
        expect(patternOf(message).length).toBeLessThanOrEqual(202);
      }),
    );
  });
});
