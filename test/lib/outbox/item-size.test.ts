import { describe, expect, it } from 'vitest';
import { itemBytes } from '../../../lib/outbox/item-size.ts';

describe('itemBytes', () => {
  it.each([
    ['a string, names and values in UTF-8', { ü: { S: 'größe' } }, 9],
    ['a binary', { b: { B: new Uint8Array(10) } }, 11],
    ['a boolean and a null', { t: { BOOL: true }, n: { NULL: true as const } }, 4],
    ['a number at its upper bound', { n: { N: '-12345' } }, 6],
    ['sets', { s: { SS: ['ab', 'c'] }, n: { NS: ['1', '22'] }, b: { BS: [new Uint8Array(2)] } }, 14],
    ['nested lists and maps', { l: { L: [{ S: 'a' }, { M: { k: { S: 'v' } } }] } }, 13],
    ['nothing of what it does not know', { x: { $unknown: ['X', 'y'] } as never }, 1],
  ])('counts %s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});
