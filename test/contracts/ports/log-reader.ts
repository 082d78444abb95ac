import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Takes } from '../../../lib/definitions/index.ts';
import type {
  LogPage,
  LogReader,
  LogScanner,
  LogWalker,
  ScannedPage,
  ScanRequest,
} from '../../../lib/operations/index.ts';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

export interface LogSubject {
  readonly log: LogReader & LogScanner & LogWalker;
  /** Commits to the same log. */
  readonly store: OutboxStore;
  /** Lets scans see what was committed: they cost half as much for being late. */
  catchUp?(): Promise<void>;
  close(): Promise<void>;
}

const T0 = 1_700_000_000_000 as EpochMs;

const eventOf = (group: string, sequence: number, type = 'a', id = `${group}/${sequence}`): NewEventRecord => ({
  group,
  sequence,
  id,
  source: '/orders',
  type,
  body: `body of ${id}`,
  committedAt: T0,
  expires: 4_000_000_000 as EpochSeconds,
});

/** So large that the store may compress it. */
const LARGE_BODY = JSON.stringify({ text: 'Größe '.repeat(1_000) });

const summaryOf = (group: string, sequence: number, type = 'a') => ({
  group,
  sequence,
  id: `${group}/${sequence}`,
  source: '/orders',
  type,
  committedAt: 1_700_000_000_000,
});

const isA: Takes = ({ source, type }) => source === '/orders' && type === 'a';

/** What every log must do for operators. */
export function describeLog(adapter: string, create: () => Promise<LogSubject>): void {
  describe(`LogReader, LogScanner and LogWalker contract: ${adapter}`, () => {
    let subject: LogSubject;
    let log: LogSubject['log'];

    const scan = async (request: ScanRequest): Promise<readonly ScannedPage[]> => {
      await subject.catchUp?.();
      const pages: ScannedPage[] = [];
      for await (const page of log.scan(request)) pages.push(page);
      return pages;
    };

    const walk = async (segment: number, segments: number): Promise<readonly LogPage[]> => {
      await subject.catchUp?.();
      const pages: LogPage[] = [];
      let after: LogPage['next'];
      do {
        const page: LogPage = await log.page({ segment, segments, after });
        pages.push(page);
        after = page.next;
      } while (after !== undefined);
      return pages;
    };

    beforeAll(async () => {
      subject = await create();
      ({ log } = subject);
      const commit = (token: string, events: readonly NewEventRecord[], heads: readonly string[] = []) =>
        subject.store.commit({
          token,
          writes: [],
          heads: heads.map((group) => ({ group, from: 0, to: 1 })),
          events,
        });
      await commit('1', [eventOf('g', 1), eventOf('g', 2, 'b'), eventOf('g', 3), eventOf('g', 4, 'b')], ['g']);
      await commit('2', [eventOf('h', 1), eventOf('h', 2), { ...eventOf('i', 7), body: LARGE_BODY }]);
      await commit('3', [eventOf('t', 1), { ...eventOf('t', 2), source: '/shops' }]);
    });
    afterAll(() => subject.close());

    it('finds a whole event by its position', async () => {
      expect(await log.find({ group: 'g', sequence: 2 })).toEqual({
        ...summaryOf('g', 2, 'b'),
        body: 'body of g/2',
        expires: 4_000_000_000,
      });
      expect(await log.find({ group: 'g', sequence: 5 })).toBeUndefined();
    });

    it('finds the very string of a large event', async () => {
      expect(await log.find({ group: 'i', sequence: 7 })).toMatchObject({ id: 'i/7', body: LARGE_BODY });
      expect(await log.findById('i', 'i/7')).toStrictEqual(summaryOf('i', 7));
    });

    it('finds an event of a group by its id', async () => {
      expect(await log.findById('g', 'g/3')).toStrictEqual(summaryOf('g', 3));
      expect(await log.findById('h', 'g/3')).toBeUndefined();
    });

    it('finds the last event of a type after a position', async () => {
      expect(await log.last('g', 0, isA)).toMatchObject({ sequence: 3, body: 'body of g/3' });
      expect(await log.last('g', 3, isA)).toBeUndefined();
      expect(await log.last('g', 3, () => true)).toMatchObject({ sequence: 4 });
      expect(await log.last('nobody', 0, isA)).toBeUndefined();
    });

    it('counts the events of a type within bounds', async () => {
      expect(await log.count('g', 0, 4, isA)).toBe(2);
      expect(await log.count('g', 1, 4, isA)).toBe(1);
      expect(await log.count('g', 0, 2, isA)).toBe(1);
      expect(await log.count('g', 4, 4, isA)).toBe(0);
    });

    it('distinguishes the same type of two sources', async () => {
      expect(await log.last('t', 0, isA)).toMatchObject({ sequence: 1 });
      expect(await log.count('t', 0, 2, isA)).toBe(1);
    });

    it('walks over every event once, those of a group together and in order', async () => {
      const pages = await walk(0, 1);

      const events = pages.flatMap(({ items }) => items.filter((item) => item.kind === 'event'));
      const ids = events.map(({ id }) => id);
      expect(ids).toHaveLength(9);
      expect(ids.join(' ')).toContain('g/1 g/2 g/3 g/4');
      expect(ids.join(' ')).toContain('h/1 h/2');
      expect(events.find(({ group }) => group === 'i')).toMatchObject({
        ...summaryOf('i', 7),
        expires: 4_000_000_000,
      });
      expect(pages.reduce((sum, { readUnits }) => sum + readUnits, 0)).toBeGreaterThan(0);
    });

    it('walks through segments that do not overlap', async () => {
      const pages = (await Promise.all([0, 1, 2].map((segment) => walk(segment, 3)))).flat();

      const ids = pages.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'event' ? [item.id] : [])));
      expect(ids.sort()).toStrictEqual(['g/1', 'g/2', 'g/3', 'g/4', 'h/1', 'h/2', 'i/7', 't/1', 't/2']);
    });

    it('scans for one event, and counts what it looked at', async () => {
      const pages = await scan({ segment: 0, segments: 1, eventId: 'h/2' });

      expect(pages.flatMap(({ events }) => events)).toStrictEqual([summaryOf('h', 2)]);
      expect(pages.reduce((sum, { items }) => sum + items, 0)).toBeGreaterThanOrEqual(7);
    });
  });
}
