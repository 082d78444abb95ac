import { describe, expect, it } from 'vitest';
import { createDice } from '../../../local/faults/dice.ts';

const places = (seed: number, oneIn: number, subject = 'calls') => {
  const dice = createDice(seed);
  return Array.from({ length: 12 }, () => dice.next(subject, oneIn)).flatMap((isHit, place) => (isHit ? [place] : []));
};

describe('dice', () => {
  it('hit exactly one in each N consecutive rolls', () => {
    const hits = places(3, 4);

    expect(hits).toHaveLength(3);
    expect(hits.map((place) => Math.floor(place / 4))).toStrictEqual([0, 1, 2]);
  });

  it('hit every roll at one in one', () => {
    expect(places(3, 1)).toHaveLength(12);
  });

  it('fall the same way for the same seed, and differently for others', () => {
    const ofSeeds = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => places(seed, 6).join());

    expect(places(1, 6).join()).toBe(ofSeeds[0]);
    expect(new Set(ofSeeds).size).toBeGreaterThan(4);
  });

  it('count each subject separately', () => {
    const mixed = createDice(3);
    const hits: number[] = [];
    for (let place = 0; place < 12; place++) {
      mixed.next('others', 3);
      if (mixed.next('calls', 4)) hits.push(place);
    }

    expect(hits).toStrictEqual(places(3, 4));
  });

  it('depend on the decision, not on the order of decisions', () => {
    const one = createDice(9);
    const other = createDice(9);

    const [a, b] = [one.draw('a'), one.draw('b')];

    expect([other.draw('b'), other.draw('a')]).toStrictEqual([b, a]);
    expect(a).not.toBe(b);
  });

  it('pick from 1 to the most, and choose an index', () => {
    const dice = createDice(5);
    const picks = new Set(Array.from({ length: 60 }, (_, index) => dice.pick(`pick ${index}`, 3)));
    const choices = new Set(Array.from({ length: 60 }, (_, index) => dice.choose(`choice ${index}`, 3)));

    expect([...picks].sort()).toStrictEqual([1, 2, 3]);
    expect([...choices].sort()).toStrictEqual([0, 1, 2]);
  });
});
