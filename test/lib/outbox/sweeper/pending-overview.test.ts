import { describe, expect, it } from 'vitest';
import { scanPending } from '../../../../lib/outbox/sweeper/pending-overview.ts';
import type { PendingTable } from '../../../../lib/outbox/sweeper/ports.ts';
import { createSweeper } from '../../../../lib/outbox/sweeper/sweeper.ts';
import { addMs, type EpochMs } from '../../../../lib/shared/time.ts';
import { createVirtualTime } from '../../../fixtures/virtual-time.ts';

const T0 = 1_700_000_000_000 as EpochMs;

const emptyTable: PendingTable = { async *pages() {} };

describe('the scan of the pending table', () => {
  it('is complete if the table is empty', async () => {
    const { signal } = new AbortController();

    expect(await scanPending(emptyTable, { committedUpTo: T0, limit: 10, signal, hasTime: () => true })).toStrictEqual({
      pending: 0,
      quarantined: 0,
      oldestCommittedAt: undefined,
      isComplete: true,
      due: [],
    });
  });

  it('ends half a second before the invocation if a page hangs', async () => {
    const time = createVirtualTime(T0);
    const hanging: PendingTable = {
      async *pages(signal) {
        await new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const silent = () => undefined;
    const sweeper = createSweeper({
      ...time,
      random: () => 0.5,
      table: hanging,
      log: { read: async () => [] },
      relay: { run: () => Promise.reject(new Error('there is nothing to publish')) },
      sweepAfterMs: 120_000,
      maxEvents: 10,
      logger: { info: silent, warn: silent },
      metrics: { addMetric: silent },
    });

    await expect(sweeper.run(60_000)).rejects.toMatchObject({ name: 'AbortError' });

    expect(time.clock.now()).toBe(addMs(T0, 59_500));
  });
});
