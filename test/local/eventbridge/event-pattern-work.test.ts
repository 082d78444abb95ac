import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';

/** Counts how often elements are looked at. */
function countingArray(elements: readonly unknown[]) {
  const counted = { reads: 0 };
  const array = new Proxy([...elements], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) counted.reads += 1;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { array, counted };
}

const FIELDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('the work of matching an event', () => {
  it('does not grow with the combinations of the elements of several arrays', () => {
    const arrays = FIELDS.map(() => countingArray(Array.from({ length: 100 }, () => 1)));
    const event = { ...Object.fromEntries(FIELDS.map((name, at) => [name, arrays[at]?.array])), last: 2 };
    const matches = compileEventPattern(
      JSON.stringify(Object.fromEntries([...FIELDS, 'last'].map((name) => [name, [1]]))),
    );

    expect(matches(event)).toBe(false);
    // each of the eight conditions looks at the arrays of those behind it
    expect(arrays.reduce((sum, { counted }) => sum + counted.reads, 0)).toBeLessThan(8 * 8 * 100 * 2);
  });

  it('still requires two fields to match in one element of their array', () => {
    const matches = compileEventPattern('{"items":{"kind":["tea"],"size":["large"]},"tags":["x"]}');
    const tea = { kind: 'tea', size: 'small' };
    const mug = { kind: 'mug', size: 'large' };

    expect(matches({ items: [tea, mug], tags: ['x', 'x', 'y'] })).toBe(false);
    expect(matches({ items: [tea, mug, { kind: 'tea', size: 'large' }], tags: ['y', 'x'] })).toBe(true);
  });

  it('finds deeply nested fields, with and without dots in their names', () => {
    const path = 'a.b.c.d.e.f.g.h.i.j';
    const matches = compileEventPattern(`{"${path}":[1]}`);
    const nested = (names: readonly string[]): unknown =>
      names.toReversed().reduce<unknown>((value, name) => ({ [name]: value }), 1);

    expect([
      matches({ [path]: 1 }),
      matches(nested(path.split('.')) as object),
      matches(nested(['a.b', 'c.d.e', 'f', 'g.h.i.j']) as object),
      matches(nested(['a.b', 'c.d.x', 'f', 'g.h.i.j']) as object),
    ]).toEqual([true, true, true, false]);
  });

  it('is bounded because patterns longer than 4,096 characters are refused', () => {
    expect(() => compileEventPattern(`{"${'a.'.repeat(2_100)}b":[1]}`)).toThrow(
      "at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
  });
});
