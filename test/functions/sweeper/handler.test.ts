import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createSweeperHandler } from '../../../functions/sweeper/handler.ts';
import type { WaitingGauge } from '../../../lib/consumer/index.ts';
import type { Tuning } from '../../../lib/definitions/index.ts';
import type { Sweeper } from '../../../lib/outbox/index.ts';

const REPORT = {
  pending: 3,
  quarantined: 1,
  oldestAgeMs: 130_000,
  isComplete: true,
  due: 2,
  swept: 2,
  newlyQuarantined: 0,
  left: 0,
} as const;

function setUp(run: Sweeper['run'], gauge?: WaitingGauge, tuning: Tuning = {}) {
  const calls: string[] = [];
  const handler = createSweeperHandler({
    sweeper: {
      run: (remainingMs, limits = {}) => {
        calls.push(['run', remainingMs, ...Object.entries(limits).flat()].join(' '));
        return run(remainingMs);
      },
    },
    tuning: async () => tuning,
    ...(gauge && { gauge }),
    logger: { addContext: () => void calls.push('addContext'), warn: (text) => void calls.push(String(text)) },
    metrics: { hasStoredMetrics: () => true, publishStoredMetrics: () => calls.push('publishStoredMetrics') },
  });
  const context = { getRemainingTimeInMillis: () => 55_000 } as Context;
  return { calls, handle: () => handler({ 'detail-type': 'Scheduled Event' }, context) };
}

describe('createSweeperHandler', () => {
  it('sweeps within the remaining time, emits the metrics, and returns the report', async () => {
    const { calls, handle } = setUp(async () => REPORT);

    const answer = await handle();

    expect(answer).toEqual(REPORT);
    expect(calls).toEqual(['addContext', 'run 55000', 'publishStoredMetrics']);
  });

  it('sweeps within the tuned limits', async () => {
    const { calls, handle } = setUp(async () => REPORT, undefined, { sweepAfterSeconds: 300, sweepMaxEvents: 50 });

    await handle();

    expect(calls[1]).toBe('run 55000 sweepAfterMs 300000 maxEvents 50');
  });

  it('counts the backlog of the consumers after the sweep, and does not fail if the count fails', async () => {
    const { calls, handle } = setUp(async () => REPORT, {
      async run(remainingMs) {
        calls.push(`gauge ${remainingMs}`);
        throw new Error('throttled');
      },
    });

    expect(await handle()).toEqual(REPORT);
    expect(calls).toEqual([
      'addContext',
      'run 55000',
      'gauge 10000',
      'the waiting groups could not be counted',
      'publishStoredMetrics',
    ]);
  });

  it('emits the metrics counted before a failure, and fails', async () => {
    const { calls, handle } = setUp(async () => {
      throw new RangeError('broken');
    });

    await expect(handle()).rejects.toThrow(RangeError);
    expect(calls.at(-1)).toBe('publishStoredMetrics');
  });
});
