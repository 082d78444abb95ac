import { describe, expect, it } from 'vitest';
import { describeFinding } from './describe-finding.ts';
import { search } from './search.ts';

/** Some 20 seconds on a machine of its own. By number, not by time: a busy machine must not search less. */
const SCHEDULES = 1_500;

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('every schedule', () => {
  it(`keeps every promise, FAULTS_SEED=${seed}`, async () => {
    const { finding, schedules } = await search({ seed, schedules: SCHEDULES });

    expect(finding && (await describeFinding(finding))).toBeUndefined();
    expect(schedules).toBe(SCHEDULES);
  });
});
