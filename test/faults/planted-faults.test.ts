import { describe, expect, it } from 'vitest';
import { PLANTED_AMONG_DEPLOYMENTS } from './planted-among-deployments.ts';
import { PLANTED_ELSEWHERE } from './planted-elsewhere.ts';
import { PLANTED_IN_ORDERING } from './planted-in-ordering.ts';
import { PLANTED_IN_READS } from './planted-in-reads.ts';
import { search } from './search.ts';

const SEED = 3;
const SCHEDULES = 20_000;

describe('the search', () => {
  it('names a finding by the seed and the path that show it again', async () => {
    const planted = PLANTED_IN_ORDERING['seen is not raised'];
    const { finding } = await search({ seed: SEED, schedules: SCHEDULES, planted });

    const again = await search({ seed: SEED, schedules: SCHEDULES, planted, path: finding?.path, shrink: false });

    expect(finding?.wrong).not.toStrictEqual([]);
    expect(again.finding?.schedule).toStrictEqual(finding?.schedule);
    expect(again.schedules).toBe(1);
  });

  const head = 'the head of a group is not read consistently';

  it.each(
    Object.entries({
      ...PLANTED_IN_ORDERING,
      ...PLANTED_AMONG_DEPLOYMENTS,
      ...PLANTED_ELSEWHERE,
      // the exhaustive search finds the others
      [head]: PLANTED_IN_READS[head],
    }),
  )('finds that %s', async (_, planted) => {
    const { finding } = await search({ seed: SEED, schedules: SCHEDULES, planted, shrink: false });

    expect(finding?.wrong).not.toStrictEqual([]);
    expect(finding?.foundAfter).toBeLessThanOrEqual(SCHEDULES);
  });
});
