import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../../lib/outbox/event-record.ts';
import type { OutboxLog } from '../../../lib/outbox/sweeper/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface OutboxLogBench {
  readonly log: OutboxLog;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;

export const eventOf = (group: string, sequence: number): EventRecord => ({
  group,
  sequence,
  id: `${group}-${sequence}`,
  source: '/orders',
  type: 'com.example.order.placed',
  body: `{ "id": "${group}-${sequence}" }`,
  committedAt: 1_700_000_000_000 as EpochMs,
});

const keysOf = (group: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ group, sequence: index + 1 }));

/** What every OutboxLog must do. @param open gives a log with these events */
export function describeOutboxLog(
  adapter: string,
  open: (events: readonly EventRecord[]) => Promise<OutboxLogBench>,
): void {
  describe(`OutboxLog contract: ${adapter}`, () => {
    let bench: OutboxLogBench;
    beforeAll(async () => {
      bench = await open([...keysOf('many', 100), { group: 'order#1', sequence: 9_007_199_254_740_991 }].map(toEvent));
    });
    afterAll(() => bench.close());

    it('returns an entry per key in the order of the keys, and reports deleted events', async () => {
      const entries = await bench.log.read(
        [
          { group: 'order#1', sequence: 9_007_199_254_740_991 },
          { group: 'nobody', sequence: 1 },
          { group: 'many', sequence: 7 },
        ],
        NEVER,
      );

      expect(entries).toEqual([
        { status: 'found', item: { kind: 'event', event: eventOf('order#1', 9_007_199_254_740_991) } },
        { status: 'gone' },
        { status: 'found', item: { kind: 'event', event: eventOf('many', 7) } },
      ]);
    });

    it('reads 100 events in a request', async () => {
      const entries = await bench.log.read(keysOf('many', 100), NEVER);

      expect(entries.filter(({ status }) => status === 'found')).toHaveLength(100);
    });

    it('refuses 101 keys', async () => {
      await expect(bench.log.read(keysOf('many', 101), NEVER)).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('refuses a key that is named twice', async () => {
      const key = { group: 'many', sequence: 1 };

      await expect(bench.log.read([key, key], NEVER)).rejects.toMatchObject({
        name: 'ValidationException',
        message: 'Provided list of item keys contains duplicates',
      });
    });
  });
}

const toEvent = ({ group, sequence }: { group: string; sequence: number }): EventRecord => eventOf(group, sequence);
