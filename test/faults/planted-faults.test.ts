import { describe, expect, it } from 'vitest';
import { PLANTED_AMONG_DEPLOYMENTS } from './planted-among-deployments.ts';
import { PLANTED_ELSEWHERE } from './planted-elsewhere.ts';
import { PLANTED_IN_CLAIMS } from './planted-in-claims.ts';
import { PLANTED_IN_ORDERING } from './planted-in-ordering.ts';
import { PLANTED_IN_PAUSES } from './planted-in-pauses.ts';
import { PLANTED_IN_READS } from './planted-in-reads.ts';
import { search } from './search.ts';

/** About a minute of processor time together on a machine of its own: each search ends at its first finding. */
const SEEDS = [3, 11, 29] as const;
const [SEED] = SEEDS;
const SCHEDULES = 20_000;

describe('the random search', () => {
  it('reports a finding with the seed and the path that reproduce it', async () => {
    const planted = PLANTED_IN_ORDERING['seen is not raised'];
    const { finding } = await search({ seed: SEED, schedules: SCHEDULES, planted });

    const again = await search({ seed: SEED, schedules: SCHEDULES, planted, path: finding?.path, shrink: false });

    expect(finding?.wrong).not.toStrictEqual([]);
    expect(again.finding?.schedule).toStrictEqual(finding?.schedule);
    expect(again.schedules).toBe(1);
  });

  const planted = {
    ...PLANTED_IN_ORDERING,
    ...PLANTED_AMONG_DEPLOYMENTS,
    ...PLANTED_ELSEWHERE,
    ...PLANTED_IN_READS,
    ...PLANTED_IN_CLAIMS,
    ...PLANTED_IN_PAUSES,
  };

  it.each(SEEDS.flatMap((seed) => Object.entries(planted).map(([name, fault]) => [name, seed, fault] as const)))(
    'finds that %s, at seed %i',
    async (_, seed, fault) => {
      const { finding } = await search({ seed, schedules: SCHEDULES, planted: fault, shrink: false });

      expect(finding?.wrong).not.toStrictEqual([]);
      expect(finding?.foundAfter).toBeLessThanOrEqual(SCHEDULES);
    },
  );
});
