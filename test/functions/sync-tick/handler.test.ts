import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createSyncTickHandler } from '../../../functions/sync-tick/handler.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { TickReport } from '../../../lib/sync/index.ts';

const REPORT: TickReport = { asked: 2, underWay: 1, overdue: 0, approvalsDue: 0, failed: 0, more: false };

function setUp(report: TickReport) {
  const calls: string[] = [];
  const handler = createSyncTickHandler({
    tick: {
      async run(endsAt) {
        calls.push(`run until ${endsAt}`);
        return report;
      },
    },
    clock: { now: () => 1000 as EpochMs },
    tuning: async () => void calls.push('tuning'),
    logger: { addContext: () => undefined, info: (text) => void calls.push(String(text)) },
    metrics: { hasStoredMetrics: () => true, publishStoredMetrics: () => calls.push('publishStoredMetrics') },
  });
  return { calls, handle: () => handler({}, { getRemainingTimeInMillis: () => 55_000 } as Context) };
}

describe('the function that ticks', () => {
  it('ends before its timeout, and returns and logs what it asked for', async () => {
    const { calls, handle } = setUp(REPORT);

    expect(await handle()).toStrictEqual(REPORT);
    expect(calls).toStrictEqual(['tuning', 'run until 41000', 'sync: tick', 'publishStoredMetrics']);
  });

  it('logs nothing if nothing was due', async () => {
    const { calls, handle } = setUp({ ...REPORT, asked: 0 });

    await handle();

    expect(calls).not.toContain('sync: tick');
  });

  it('fails if a subscription could not be scheduled, after it has emitted its metrics', async () => {
    const { calls, handle } = setUp({ ...REPORT, failed: 3 });

    await expect(handle()).rejects.toThrow('3 subscriptions could not be scheduled and stay due');
    expect(calls.at(-1)).toBe('publishStoredMetrics');
  });
});
