import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ItemValueError, marshallItem, unmarshallItem } from '../../../lib/shared/marshalling.ts';

const written = (values: object) => marshallItem(values, "tx.put: the item for table 'orders'");

const refusal = (values: object): ItemValueError => {
  try {
    written(values);
  } catch (error) {
    if (error instanceof ItemValueError) return error;
    throw error;
  }
  throw new Error('it was written');
};

const NAME = fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__');

class Money {
  readonly minorUnits = 100;
}

describe('values of a DynamoDB item', () => {
  it('are written with DynamoDB types, without undefined members', () => {
    expect(
      written({
        id: '1',
        total: 12.5,
        big: 12_345_678_901_234_567_890n,
        paid: true,
        note: null,
        left: undefined,
        lines: [{ sku: 'a', count: 1 }, undefined],
        tags: new Set(['a', 'b']),
        sizes: new Set([1, 2n]),
        bytes: Buffer.from('hi'),
        map: new Map([['k', 'v']]),
      }),
    ).toStrictEqual({
      id: { S: '1' },
      total: { N: '12.5' },
      big: { N: '12345678901234567890' },
      paid: { BOOL: true },
      note: { NULL: true },
      lines: { L: [{ M: { sku: { S: 'a' }, count: { N: '1' } } }] },
      tags: { SS: ['a', 'b'] },
      sizes: { NS: ['1', '2'] },
      bytes: { B: new Uint8Array([104, 105]) },
      map: { M: { k: { S: 'v' } } },
    });
  });

  it('can have members that are named like inherited object members', () => {
    const odd = JSON.parse(
      '{"constructor":"c","toString":"t","hasOwnProperty":1,"inner":{"valueOf":{"polluted":true},"constructor":{"name":"Set"}}}',
    );

    const back = unmarshallItem(written(odd));

    expect(JSON.stringify(back)).toBe(JSON.stringify(odd));
    expect(Object.getPrototypeOf(back['inner'])).toBe(Object.prototype);
  });

  it('are read as they were written', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc
          .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
          .filter((n) => n === 0 || Math.abs(n) > 1e-130),
        fc.boolean(),
        fc.constant(null),
        fc.bigInt({ min: 2n ** 53n, max: 10n ** 37n }),
        fc.uint8Array(),
        fc.array(tie('any')),
        fc.dictionary(NAME, tie('any')),
        fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1 }).map((texts) => new Set(texts)),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(NAME, value), (item) => {
        const minusZero = (_: string, inner: unknown) => (Object.is(inner, -0) ? 0 : inner);
        const plain = (whole: unknown) =>
          JSON.stringify(whole, (name, inner) =>
            typeof inner === 'bigint'
              ? `${inner}n`
              : inner instanceof Set
                ? [...inner]
                : inner instanceof Uint8Array
                  ? [...inner]
                  : minusZero(name, inner),
          );
        expect(plain(unmarshallItem(written(item)))).toBe(plain(item));
      }),
    );
  });

  it.each([
    [
      'a Date',
      { at: new Date(0) },
      "'at' is a Date, which DynamoDB cannot store: write it as text: date.toISOString()",
    ],
    [
      'NaN',
      { lines: [{ price: Number.NaN }] },
      "'lines.0.price' is NaN, which DynamoDB cannot store: leave it out, or write null",
    ],
    [
      'an infinite number',
      { price: Number.NEGATIVE_INFINITY },
      "'price' is -Infinity, which DynamoDB cannot store: leave it out, or write null",
    ],
    [
      'a class instance',
      { total: new Money() },
      "'total' is an instance of 'Money', which DynamoDB cannot store: write its members as a plain object",
    ],
    ['a function', { toJSON: () => 1 }, "'toJSON' is a function, which DynamoDB cannot store: leave it out"],
    ['a promise', { total: Promise.resolve(1) }, "'total' is a Promise, which DynamoDB cannot store: await it"],
    ['an empty Set', { tags: new Set() }, "'tags' is an empty Set, which DynamoDB cannot store: leave it out"],
    [
      'a Set of several types',
      { tags: new Set(['a', 1]) },
      "'tags' is a Set whose members are not all texts, all numbers or all bytes: write it as a list",
    ],
    [
      'NaN in a Set',
      { sizes: new Set([1, Number.NaN]) },
      "'sizes' is NaN, which DynamoDB cannot store: leave it out, or write null",
    ],
    [
      'a number beyond ±2^53',
      { views: 2 ** 53 },
      "'views' is a number beyond ±2^53, which JavaScript cannot represent exactly: pass a BigInt",
    ],
    [
      'a BigInt of 39 digits',
      { views: 10n ** 38n + 1n },
      "'views' is a number of more than 38 digits, which DynamoDB cannot store: write it as text",
    ],
    ['a number next to 0', { rate: 1e-200 }, "'rate' is a number that DynamoDB cannot store: round it to 0"],
    [
      'a Map with numbers for keys',
      { map: new Map([[1, 'a']]) },
      "'map' is a Map with keys that are not strings, which DynamoDB cannot store: write them as text",
    ],
    [
      'a member that the SDK cannot read',
      JSON.parse('{"inner":{"__proto__":"x"}}'),
      "'inner.__proto__' is a name that the AWS SDK loses when it reads an item: choose another",
    ],
  ])('are refused for %s, with table, path and kind', (_, item, problem) => {
    const error = refusal(item);

    expect(error).toMatchObject({ code: 'ITEM_VALUE_INVALID' });
    expect(error.message).toBe(`tx.put: the item for table 'orders' cannot be written: ${problem}`);
  });

  it('are refused in one error that names the first ten problems and quotes no value', () => {
    const error = refusal(Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`at${at}`, new Date(0)])));

    expect(error.problems).toHaveLength(12);
    expect(error.message).toContain("'at9' is a Date");
    expect(error.message).toMatch(/; and 2 more$/);
    expect(error.message).not.toContain('1970');
  });

  it('are refused if one contains itself, and accepted if one occurs twice', () => {
    const shared = { a: 1 };
    const circle: Record<string, unknown> = { shared, again: shared };
    expect(written(circle)).toMatchObject({ again: { M: { a: { N: '1' } } } });
    circle['self'] = [circle];

    expect(refusal(circle).message).toContain("'self.0' contains itself");
  });

  it('are refused if the item is not a plain object', () => {
    expect(refusal(new Money()).message).toBe(
      "tx.put: the item for table 'orders' cannot be written: it is an instance of 'Money', which DynamoDB cannot store: write its members as a plain object",
    );
  });
});

describe('a stored item', () => {
  it('is read with any number, and can be written again', () => {
    const stored = { id: { S: '1' }, whole: { N: '12345678901234567890' }, parts: { N: '12345678901234567890.25' } };

    const read = unmarshallItem(stored);

    expect(read['whole']).toBe(12_345_678_901_234_567_890n);
    expect(String(read['parts'])).toBe('12345678901234567890.25');
    expect(written(read)).toStrictEqual(stored);
  });
});
