import { beforeEach, describe, expect, it } from 'vitest';
import { type EventLog, firstSince } from '../../../lib/consumer/index.ts';
import type { OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

export interface EventLogSubject {
  readonly log: EventLog;
  /** What writes the log. */
  readonly store: OutboxStore;
}

/** What every EventLog must do. */
export function describeEventLog(adapter: string, create: () => Promise<EventLogSubject>): void {
  describe(`EventLog contract: ${adapter}`, () => {
    let log: EventLog;

    beforeEach(async () => {
      const subject = await create();
      ({ log } = subject);
      // ten events of one group, the n-th committed at n seconds, and one of another
      for (let sequence = 1; sequence <= 10; sequence++) {
        await commit(subject.store, 'order#1', sequence, sequence * 1_000);
      }
      await commit(subject.store, 'order#2', 1, 99_000, LARGE_BODY);
    });

    const readAll = async (after: number, upTo: number) => {
      const sequences: number[] = [];
      for (let from = after; ; from = sequences.at(-1) ?? from) {
        const page = await log.read('order#1', from, upTo);
        if (page.length === 0) return sequences;
        sequences.push(...page.map(({ sequence }) => sequence));
      }
    };

    it('reads a range of a group in order, page by page, without the head', async () => {
      expect(await readAll(0, 10)).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await readAll(3, 6)).toStrictEqual([4, 5, 6]);
      expect(await readAll(9, 99)).toStrictEqual([10]);
      expect(await readAll(6, 6)).toStrictEqual([]);
    });

    it('returns each event as it was written', async () => {
      const [event] = await log.read('order#1', 4, 5);

      expect(event).toStrictEqual({
        kind: 'event',
        sequence: 5,
        id: 'order#1-5',
        source: '/orders',
        type: 'com.example.noted',
        body: '{"n":5}',
        committedAt: 5_000,
        expires: 4_000_000_000,
        previousExpires: 3_900_000_000,
      });
    });

    it('returns the very string of a large event', async () => {
      expect(await log.read('order#2', 0, 1)).toMatchObject([{ sequence: 1, body: LARGE_BODY }]);
    });

    it('returns the first positions of a range, without their events', async () => {
      const place = { expires: 4_000_000_000, previousExpires: 3_900_000_000 };

      expect(await log.places('order#1', 4, 10, 2)).toStrictEqual([
        { sequence: 4, committedAt: 4_000, ...place },
        { sequence: 5, committedAt: 5_000, ...place },
      ]);
      expect(await log.places('order#1', 10, 99, 9)).toMatchObject([{ sequence: 10 }]);
      expect(await log.places('order#1', 11, 99, 9)).toStrictEqual([]);
      expect(await log.places('order#1', 5, 4, 9)).toStrictEqual([]);
      expect(await log.places('order#3', 1, 99, 9)).toStrictEqual([]);
    });

    it('reports how far a group has been published, and by when all of it expires', async () => {
      expect(await log.end('order#1')).toStrictEqual({ last: 10, lastExpires: 4_000_000_000 });
      expect(await log.end('order#3')).toBeUndefined();
    });

    it('finds the oldest event that is not older than an instant', async () => {
      expect((await firstSince(log, 'order#1', 0 as EpochMs, 10))?.sequence).toBe(1);
      expect((await firstSince(log, 'order#1', 4_000 as EpochMs, 10))?.sequence).toBe(4);
      expect((await firstSince(log, 'order#1', 4_001 as EpochMs, 10))?.sequence).toBe(5);
      expect(await firstSince(log, 'order#1', 10_001 as EpochMs, 10)).toBeUndefined();
      expect(await firstSince(log, 'order#1', 9_000 as EpochMs, 8)).toBeUndefined();
      expect(await firstSince(log, 'order#3', 0 as EpochMs, 10)).toBeUndefined();
    });
  });
}

/** So large that the store may compress it. */
const LARGE_BODY = JSON.stringify({ n: 1, text: 'Größe '.repeat(1_000) });

async function commit(
  store: OutboxStore,
  group: string,
  sequence: number,
  committedAt: number,
  body = JSON.stringify({ n: sequence }),
): Promise<void> {
  await store.commit({
    token: `${group}-${sequence}-${Math.trunc(performance.now() * 1_000)}`.slice(0, 36),
    writes: [],
    heads: [{ group, from: sequence - 1, to: sequence, lastExpires: 4_000_000_000 as EpochSeconds }],
    events: [
      {
        group,
        sequence,
        id: `${group}-${sequence}`,
        source: '/orders',
        type: 'com.example.noted',
        body,
        committedAt: committedAt as EpochMs,
        expires: 4_000_000_000 as EpochSeconds,
        previousExpires: 3_900_000_000 as EpochSeconds,
      },
    ],
  });
}
