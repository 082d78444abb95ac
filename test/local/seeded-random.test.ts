import { describe, expect, it } from 'vitest';
import { createRandom, createUuids } from '../../local/seeded-random.ts';

const take = (count: number, next: () => number) => Array.from({ length: count }, next);

describe('createRandom', () => {
  it('repeats with its seed', () => {
    expect(take(5, createRandom(42))).toEqual(take(5, createRandom(42)));
  });

  it('differs with another seed', () => {
    expect(take(5, createRandom(1))).not.toEqual(take(5, createRandom(2)));
  });

  it('spreads over 0 to 1 without reaching 1', () => {
    const numbers = take(10_000, createRandom(7));
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(mean).toBeCloseTo(0.5, 1);
  });
});

describe('createUuids', () => {
  it('gives ids of version 4 that do not repeat', () => {
    const newId = createUuids(createRandom(1));
    const ids = Array.from({ length: 1_000 }, newId);

    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
  });
});
