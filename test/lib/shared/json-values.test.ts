import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonProblems } from '../../../lib/shared/json-values.ts';

/** Any, but for whole numbers of 64 bits and more, which the bus does not take. */
const jsonValue = () => fc.jsonValue().filter((value) => !/\d{19}/.test(JSON.stringify(value)));

describe('values that are sent as JSON', () => {
  it('are accepted if JSON preserves them, regardless of the names of their members', () => {
    fc.assert(
      fc.property(jsonValue(), (value) => {
        expect(jsonProblems(value)).toStrictEqual([]);
      }),
    );
    expect(jsonProblems(JSON.parse('{"constructor":1,"__proto__":{"toString":2}}'))).toStrictEqual([]);
    expect(jsonProblems({ left: undefined, bare: Object.create(null) })).toStrictEqual([]);
  });

  it.each([
    ['at', new Date(0), 'is a Date, which JSON cannot represent: write it as text: date.toISOString()'],
    ['tags', new Set(['a']), 'is a Set, which JSON cannot represent: write it as a list: [...set]'],
    ['map', new Map(), 'is a Map, which JSON cannot represent: write it as an object: Object.fromEntries(map)'],
    ['total', Number.NaN, 'is NaN, which JSON cannot represent: leave it out, or write null'],
    ['id', 1n, 'is a BigInt, which JSON cannot represent: write it as text: String(value)'],
    ['run', () => 1, 'is a function, which JSON cannot represent: leave it out'],
    ['mark', Symbol('x'), 'is of type symbol, which JSON cannot represent: leave it out'],
    ['file', Buffer.from('x'), "is bytes, which JSON cannot represent: write them as text, such as toString('base64')"],
    [
      'url',
      new URL('https://example.com'),
      "is an instance of 'URL', which JSON cannot represent: write its members as a plain object",
    ],
    ['count', 2 ** 63, 'is a whole number beyond 64 bits, which the bus does not accept: write it as text'],
  ])('are refused by path and kind: %s', (name, value, message) => {
    expect(jsonProblems({ lines: [{ [name]: value }] })).toStrictEqual([{ path: `lines.0.${name}`, message }]);
  });

  it('are refused if one contains itself or is nested too deep', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    let deep: unknown = 1;
    for (let level = 0; level < 1_000; level++) deep = [deep];

    expect(jsonProblems(circle)).toStrictEqual([
      { path: 'self', message: 'contains itself, which JSON cannot represent: leave it out' },
    ]);
    expect(jsonProblems(deep)).toMatchObject([{ message: 'is nested deeper than 999 levels: flatten it' }]);
  });
});
