import { describe, expect, it } from 'vitest';
import { describeFinding } from './describe-finding.ts';
import { search } from './search.ts';

/** What fits beside the planted faults into a minute of CI. */
const TIME_LIMIT_MS = 25_000;

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('every schedule', () => {
  it(`keeps every promise, FAULTS_SEED=${seed}`, async () => {
    const { finding, schedules } = await search({ seed, schedules: 1_000_000, timeLimitMs: TIME_LIMIT_MS });

    expect(finding && (await describeFinding(finding))).toBeUndefined();
    expect(schedules).toBeGreaterThan(500);
  });
});
