import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../../../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../../../lib/testing/dynamodb/item-size.ts';

const cases: readonly (readonly [what: string, value: AttributeValue, bytes: number])[] = [
  ['text in UTF-8', { S: 'äö€' }, 7],
  ['a number by pairs of digits', { N: '12345' }, 4],
  ['a negative number', { N: '-12' }, 3],
  ['bytes, not their base64 text', { B: 'AQID' }, 3],
  ['true', { BOOL: true }, 1],
  ['null', { NULL: true }, 1],
  ['a set', { SS: ['ab', 'c'] }, 3],
  ['a list', { L: [{ S: 'ab' }, { BOOL: true }] }, 8],
  ['a map', { M: { k: { S: 'ab' } } }, 7],
  ['an empty map', { M: {} }, 3],
];

describe('the size of an item', () => {
  it.each(cases)('counts %s', (_what, value, bytes) => {
    expect(itemSizeBytes({ name: value })).toBe(4 + bytes);
  });
});
