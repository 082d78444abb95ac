import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../bench/peers/verdict.ts';

const effects = (group: string, ...sequences: readonly number[]) => sequences.map((sequence) => ({ group, sequence }));

describe('the verdict on a run', () => {
  it('finds nothing wrong if each event has one effect, in the order of its group', () => {
    const interleaved = [
      { group: 'a', sequence: 1 },
      { group: 'b', sequence: 1 },
      { group: 'b', sequence: 2 },
      { group: 'a', sequence: 2 },
    ];

    expect(verdictOn(4, interleaved)).toStrictEqual({ lost: 0, repeated: 0, outOfOrder: 0 });
  });

  it('counts events without an effect as lost', () => {
    expect(verdictOn(5, effects('a', 1, 2, 4))).toStrictEqual({ lost: 2, repeated: 0, outOfOrder: 0 });
  });

  it('counts each further effect of an event as repeated, and not as out of order', () => {
    expect(verdictOn(3, effects('a', 1, 2, 1, 1, 3))).toStrictEqual({ lost: 0, repeated: 2, outOfOrder: 0 });
  });

  it('counts each event that comes after a later one of its group as out of order', () => {
    expect(verdictOn(5, [...effects('a', 1, 4, 2, 3), ...effects('b', 1)])).toStrictEqual({
      lost: 0,
      repeated: 0,
      outOfOrder: 2,
    });
  });
});
