import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSortedMap, type KeyRange } from '../../../local/dynamodb/sorted-map.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', '~'), maxLength: 4 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);
const range: fc.Arbitrary<KeyRange> = fc
  .tuple(fc.constantFrom('gt', 'gte', 'none'), key, fc.constantFrom('lt', 'lte', 'none'), key, fc.boolean())
  .map(([low, from, high, to, reverse]) => ({ [low]: from, [high]: to, reverse }));

const within = (k: string, { gt, gte, lt, lte }: KeyRange) =>
  (gt === undefined || k > gt) &&
  (gte === undefined || k >= gte) &&
  (lt === undefined || k < lt) &&
  (lte === undefined || k <= lte);

describe('a sorted map', () => {
  it('returns every range of its keys in order after any sets and deletes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), range, (steps, wanted) => {
        const model = new Map<string, number>();
        const map = createSortedMap<number>();
        for (const [index, { kind, key }] of steps.entries()) {
          if (kind === 'set') model.set(key, index);
          else model.delete(key);
          if (kind === 'set') map.set(key, index);
          else map.delete(key);
        }

        const expected = [...model].filter(([k]) => within(k, wanted)).sort(([a], [b]) => (a < b ? -1 : 1));
        if (wanted.reverse === true) expected.reverse();
        expect([...map.entries(wanted)]).toEqual(expected);
        expect(map.size()).toBe(model.size);
      }),
    );
  });

  it('stays in order while thousands of keys are added and deleted', () => {
    const map = createSortedMap<number>();
    // 7919 is prime to 5000: every number once, in no order
    const numbers = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5000);
    const text = (n: number) => String(n).padStart(4, '0');
    for (const n of numbers) map.set(text(n), n);
    for (const n of numbers) if (n % 3 !== 0) map.delete(text(n));

    const kept = [...map.entries({ gte: '0003', lt: '0012' })].map(([, n]) => n);

    expect(kept).toEqual([3, 6, 9]);
    expect(map.size()).toBe(1667);
    expect([...map.entries({ reverse: true })][0]).toEqual(['4998', 4998]);
  });

  it('finds nothing when empty', () => {
    const map = createSortedMap<number>();
    map.set('a', 1);
    map.delete('a');

    expect([...map.entries({})]).toEqual([]);
    expect([...map.entries({ reverse: true, lt: 'z' })]).toEqual([]);
  });
});
