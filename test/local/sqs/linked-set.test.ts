import { describe, expect, it } from 'vitest';
import { createLinkedSet } from '../../../local/sqs/linked-set.ts';

const setOf = (...values: number[]) => {
  const set = createLinkedSet<number>();
  for (const value of values) set.append(value);
  return set;
};

describe('linked set', () => {
  it('keeps the order of appending and removes anywhere', () => {
    const set = setOf(1, 2, 3, 4, 5);

    const removed = [3, 1, 5, 9].map((value) => set.remove(value));

    expect(removed).toEqual([true, true, true, false]);
    expect([...set.values()]).toEqual([2, 4]);
    expect([set.first(), set.last(), set.size]).toEqual([2, 4, 2]);
  });

  it.each([
    [0, [0, 1, 3, 5]],
    [2, [1, 2, 3, 5]],
    [6, [1, 3, 5, 6]],
  ])('inserts %i in its place, from either end', (value, expected) => {
    const fromFront = setOf(1, 3, 5);
    const fromBack = setOf(1, 3, 5);

    fromFront.insertFromFront(value, (other) => other < value);
    fromBack.insertFromBack(value, (other) => other > value);

    expect([...fromFront.values()]).toEqual(expected);
    expect([...fromBack.values()]).toEqual(expected);
  });

  it('is empty after its last value is removed, and accepts new ones', () => {
    const set = setOf(1);

    set.remove(1);
    set.insertFromBack(2, () => true);

    expect([...set.values()]).toEqual([2]);
    expect([set.first(), set.last()]).toEqual([2, 2]);
  });

  it('allows the current value to be removed during iteration', () => {
    const set = setOf(1, 2, 3, 4);

    for (const value of set.values()) if (value % 2 === 0) set.remove(value);

    expect([...set.values()]).toEqual([1, 3]);
  });
});
