import { describe, expect, it } from 'vitest';
import { PLANTED_ELSEWHERE } from './planted-elsewhere.ts';
import { PLANTED_IN_ORDERING } from './planted-in-ordering.ts';
import { search } from './search.ts';

const SEED = 1;
const SCHEDULES = 10_000;

describe('the search', () => {
  it.each(Object.entries({ ...PLANTED_IN_ORDERING, ...PLANTED_ELSEWHERE }))('finds that %s', async (_, planted) => {
    const { finding } = await search({ seed: SEED, schedules: SCHEDULES, planted, shrink: false });

    expect(finding?.wrong).not.toStrictEqual([]);
    expect(finding?.foundAfter).toBeLessThanOrEqual(SCHEDULES);
  });
});
