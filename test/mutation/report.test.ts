import { describe, expect, it } from 'vitest';
import type { Mutant } from './plant.ts';
import { type Explanation, judge, reportOf, scoresOf, staleOf } from './report.ts';
import type { Kill } from './trial-state.ts';

const mutant = (id: number, file = 'lib/outbox/relay/plan.ts'): Mutant => ({
  id,
  file,
  line: id,
  operator: 'negation',
  start: 0,
  end: 2,
  original: `!a${id}`,
  replacement: `a${id}`,
  kind: 'expression',
});

const KILLS: ReadonlyMap<number, Kill> = new Map([
  [1, { by: 'a test', how: 'test' }],
  [2, { by: 'another', how: 'time' }],
]);
const state = {
  killOf: (id: number) => KILLS.get(id),
  reachedBy: (when: 'in tests' | 'outside') =>
    new Map(when === 'in tests' ? [[3, ['a.test.ts']]] : [[4, ['b.test.ts']]]),
};
const explanation = (id: number): Explanation => ({
  file: 'lib/outbox/relay/plan.ts',
  operator: 'negation',
  original: `!a${id}`,
  replacement: `a${id}`,
  because: 'it only saves time',
});

const judged = judge(
  [1, 2, 3, 4, 5].map((id) => mutant(id)),
  state,
  [explanation(3), explanation(1)],
);

describe('the judgement of mutants', () => {
  it('distinguishes mutants that a test found from those that survive', () => {
    expect(judged.map(({ fate }) => fate)).toStrictEqual(['killed', 'time-out', 'survived', 'survived', 'not reached']);
    expect(judged.map(({ because }) => because)).toStrictEqual([
      undefined,
      undefined,
      'it only saves time',
      undefined,
      undefined,
    ]);
  });

  it('counts the unexplained survivors by folder', () => {
    expect(scoresOf(judged)).toStrictEqual([
      {
        folder: 'lib/outbox',
        mutants: 5,
        killed: 1,
        timeOuts: 1,
        survived: 2,
        notReached: 1,
        explained: 1,
        unexplainedPercent: 40,
      },
    ]);
  });

  it('accepts a folder and a regular expression for an explanation that applies to many places', () => {
    const everywhere = {
      file: 'lib/outbox/relay/',
      operator: 'negation',
      original: '/^!a[45]$/',
      because: 'types ask for it',
    };

    const reasons = judge(
      [3, 4, 5].map((id) => mutant(id)),
      state,
      [everywhere],
    ).map(({ because }) => because);

    expect(reasons).toStrictEqual([undefined, 'types ask for it', 'types ask for it']);
  });

  it('lists explanations that match no mutant any more', () => {
    expect(staleOf([explanation(3), explanation(1)], judged)).toStrictEqual([explanation(1)]);
  });

  it('shows each unexplained survivor with its location and its change', () => {
    expect(reportOf(judged).split('\n').slice(0, 6)).toStrictEqual([
      'survived: lib/outbox/relay/plan.ts:4 negation',
      '  - !a4',
      '  + a4',
      'not reached: lib/outbox/relay/plan.ts:5 negation',
      '  - !a5',
      '  + a5',
    ]);
  });
});
