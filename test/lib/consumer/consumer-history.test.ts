import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConsumerHistory,
  continueHistory,
  fifoUntil,
  forgottenAloneUntil,
  forgottenUntil,
  type HandlingSettings,
  strictSince,
} from '../../../lib/consumer/consumer-history.ts';
import type { Ordering } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const T0 = 1_795_154_400_000;
const day = (days: number) => (T0 + days * DAY_MS) as EpochMs;

const settings = (ordering: Ordering, inboxDays: number, cursorDays: number): HandlingSettings => ({
  ordering,
  inboxExpirySeconds: inboxDays * 86_400,
  cursorExpirySeconds: cursorDays * 86_400,
});

/** A consumer whose settings became these on these days; its first queue is of day 0. */
function historyOf(...changes: readonly (readonly [number, HandlingSettings])[]): ConsumerHistory {
  let history: ConsumerHistory | undefined;
  for (const [at, each] of changes) history = continueHistory(history, each, { createdAt: day(0), now: day(at) });
  if (history === undefined) throw new Error('a history begins with settings');
  return history;
}

describe('the history of a consumer', () => {
  it('stays unchanged under the same settings, and starts with its first queue', () => {
    const first = historyOf([3, settings('strict', 30, 60)]);

    const again = continueHistory(first, settings('strict', 30, 60), { createdAt: day(9), now: day(9) });

    expect(again).toBe(first);
    expect(first).toMatchObject({ startedAt: day(0), periods: [{ from: day(0) }], revision: 1 });
  });

  it('adds a period for each changed setting', () => {
    const history = historyOf(
      [0, settings('strict', 30, 60)],
      [3, settings('strict', 30, 61)],
      [5, settings('strict', 31, 61)],
      [7, settings('fifo', 31, 61)],
    );

    expect(history).toStrictEqual({
      startedAt: day(0),
      periods: [
        { ...settings('strict', 30, 60), from: day(0) },
        { ...settings('strict', 30, 61), from: day(3) },
        { ...settings('strict', 31, 61), from: day(5) },
        { ...settings('fifo', 31, 61), from: day(7) },
      ],
      revision: 4,
    });
  });

  it('returns when the consumer became strict again, and until when it may have been fifo', () => {
    const strict = settings('strict', 18, 36);
    const fifo = settings('fifo', 18, 36);
    const always = historyOf([0, strict]);
    const noLonger = historyOf([0, strict], [50, fifo]);
    const again = historyOf([0, strict], [50, fifo], [60, strict]);

    expect([always, noLonger, again].map(strictSince)).toStrictEqual([undefined, undefined, day(60)]);
    expect(fifoUntil(day(60))).toBe(day(60) + 3_600_000 + MINUTE_MS);
  });

  it('forgets nothing of a strict consumer while its first cursors are kept', () => {
    expect(forgottenUntil(historyOf([0, settings('strict', 18, 36)]), day(35))).toBe(0);
    expect(forgottenUntil(historyOf([0, settings('strict', 18, 36)]), day(36))).toBe(day(0) + MINUTE_MS);
  });

  it('relies only on the inbox for events without a group', () => {
    const history = historyOf([0, settings('strict', 30, 60)], [10, settings('strict', 18, 36)]);

    expect(forgottenAloneUntil(historyOf([0, settings('strict', 18, 36)]), day(17))).toBe(0);
    expect(forgottenAloneUntil(historyOf([0, settings('strict', 18, 36)]), day(20))).toBe(day(2) + MINUTE_MS);
    expect(forgottenAloneUntil(history, day(27))).toBe(0);
    expect(forgottenAloneUntil(history, day(29))).toBe(day(11) + MINUTE_MS);
  });

  it('ignores cursor expiry settings of fifo periods', () => {
    const history = historyOf(
      [0, settings('strict', 18, 36)],
      [50, settings('fifo', 90, 5)],
      [60, settings('strict', 18, 36)],
    );

    expect(forgottenUntil(history, day(70))).toBe(day(34) + MINUTE_MS);
  });

  it('is certain about events younger than the oldest expired cursor', () => {
    const forgotten = forgottenUntil(historyOf([0, settings('strict', 18, 36)]), day(100));

    expect(forgotten).toBe(day(64) + MINUTE_MS);
  });

  it('relies on the inbox if it outlives the cursors', () => {
    expect(forgottenUntil(historyOf([0, settings('strict', 90, 36)]), day(100))).toBe(day(10) + MINUTE_MS);
  });

  it('relies on a cursor only for its expiry at its last change, after retention is lowered', () => {
    const history = historyOf([0, settings('strict', 365, 730)], [200, settings('strict', 18, 36)]);

    expect(forgottenUntil(history, day(235))).toBe(0);
    // handled on day 200 under the old inbox: it answers; on day 204: the inbox and the cursor are gone
    expect(forgottenUntil(history, day(240))).toBe(day(204) + MINUTE_MS);
  });

  it('relies only on the inbox for a fifo period, until its executions have ended', () => {
    const history = historyOf([0, settings('fifo', 18, 36)], [50, settings('strict', 18, 36)]);

    expect(forgottenUntil(history, day(60))).toBe(day(42) + MINUTE_MS);
    expect(forgottenUntil(history, day(85))).toBe(day(50) + 3_600_000 + MINUTE_MS);
    expect(strictSince(history)).toBe(day(50));
  });

  it('checks an older cursor only against events handled later without a cursor', () => {
    const history = historyOf(
      [0, settings('strict', 18, 36)],
      [50, settings('fifo', 18, 36)],
      [60, settings('strict', 18, 36)],
    );

    expect(forgottenUntil(history, day(70), day(0))).toBe(day(52) + MINUTE_MS);
    expect(forgottenUntil(history, day(70), day(50))).toBe(day(52) + MINUTE_MS);
    expect(forgottenUntil(history, day(70), day(60))).toBe(0);
    expect(forgottenUntil(history, day(65), day(0))).toBe(0);
  });

  it('keeps a limited number of periods', () => {
    const many = historyOf(
      ...Array.from({ length: 100 }, (_, index) => [index, settings('strict', 18 + (index % 2), 36)] as const),
    );

    expect(many.periods).toHaveLength(20);
    expect(many.periods[0]).toMatchObject({ from: day(0), inboxExpirySeconds: 18 * 86_400 });
    expect(many.periods.map(({ from }) => from)).toStrictEqual([
      day(0),
      ...Array.from({ length: 19 }, (_, index) => day(81 + index)),
    ]);
    expect(many).toMatchObject({ startedAt: day(0), revision: 100 });
  });

  it.each([
    ['fifo', settings('fifo', 30, 50), settings('strict', 20, 60)],
    ['fifo', settings('strict', 20, 60), settings('fifo', 30, 50)],
    ['strict', settings('strict', 30, 50), settings('strict', 20, 60)],
  ] as const)('trusts what it tells apart no longer with as little as any of it: %s', (ordering, first, second) => {
    const younger = Array.from({ length: 19 }, (_, index) => [index + 2, settings('fifo', 10 + index, 40)] as const);

    expect(historyOf([0, first], [1, second], ...younger).periods[0]).toStrictEqual({
      ...settings(ordering, 20, 50),
      from: day(0),
    });
  });
});

/** What may happen to one group on one day. */
type Happening =
  | { readonly kind: 'settings'; readonly settings: HandlingSettings }
  | { readonly kind: 'event' | 'handle' | 'arrive' };

const anySettings = fc
  .tuple(
    fc.constantFrom<Ordering>('strict', 'fifo'),
    fc.integer({ min: 15, max: 60 }),
    fc.integer({ min: 30, max: 120 }),
  )
  .map(([ordering, inboxDays, cursorDays]) => settings(ordering, inboxDays, cursorDays));

const anyLife = fc.record({
  first: anySettings,
  days: fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 25 }),
      fc.oneof(
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('settings' as const), settings: anySettings }) },
        { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('event', 'handle', 'arrive') }) },
      ),
    ) as fc.Arbitrary<[number, Happening]>,
    { maxLength: 40 },
  ),
});

/** One group of one consumer, whose log keeps everything. */
class Life {
  now = 0;
  private history: ConsumerHistory;
  private readonly committed: number[] = [];
  private readonly handled = new Set<number>();
  /** Until when the inbox knows the event. */
  private readonly inbox = new Map<number, number>();
  private cursor: { processed: number; since: EpochMs | undefined; expires: number } | undefined;
  readonly wrong: string[] = [];
  private readonly inboxDays: number[] = [];

  constructor(first: HandlingSettings) {
    this.history = continueHistory(undefined, first, { createdAt: day(0), now: day(0) });
    this.inboxDays.push(first.inboxExpirySeconds / 86_400);
  }

  private get settings(): HandlingSettings {
    return this.history.periods.at(-1) as HandlingSettings;
  }

  live([days, happening]: readonly [number, Happening]): void {
    this.now += days;
    if (this.cursor !== undefined && this.cursor.expires <= this.now) this.cursor = undefined;
    if (happening.kind === 'settings') {
      this.history = continueHistory(this.history, happening.settings, { createdAt: day(0), now: day(this.now) });
      this.inboxDays.push(happening.settings.inboxExpirySeconds / 86_400);
    } else if (happening.kind === 'event') this.committed.push(this.now);
    // a message of any event that waits: what came before it is handled first, where the consumer keeps order
    else if (happening.kind === 'handle')
      this.receive(this.committed.findIndex((_, index) => !this.handled.has(index)));
    else this.receive(this.committed.length - 1);
  }

  private receive(index: number): void {
    if (index < 0) return;
    if (this.settings.ordering === 'fifo') {
      // no message of a handled event is as old as its record
      if (!this.handled.has(index)) this.attempt(index);
      return;
    }
    const cursorDays = this.settings.cursorExpirySeconds / 86_400;
    let { processed, since } = this.cursor ?? { processed: this.begin() - 1, since: undefined };
    while (processed < index) {
      ({ processed, since } = this.resume(processed, since));
      if (processed >= index) break;
      processed += 1;
      this.attempt(processed);
    }
    this.cursor = { processed, since, expires: this.now + cursorDays };
  }

  private begin(): number {
    return this.after(0, forgottenUntil(this.history, day(this.now)));
  }

  private resume(processed: number, since: EpochMs | undefined): { processed: number; since: EpochMs | undefined } {
    const era = strictSince(this.history);
    if (era === undefined || since === era) return { processed, since };
    const next = this.after(processed + 1, forgottenUntil(this.history, day(this.now), since ?? (0 as EpochMs)));
    const behind = this.committed[next];
    const isOver = behind === undefined || day(behind) > fifoUntil(era);
    return { processed: next - 1, since: isOver ? era : since };
  }

  /** The first event from there on that was committed later; what is passed over must be old. */
  private after(from: number, instant: EpochMs): number {
    let start = from;
    while (start < this.committed.length && day(this.committed[start] ?? 0) <= instant) {
      const ageDays = this.now - (this.committed[start] ?? 0);
      if (!this.handled.has(start) && ageDays < Math.min(...this.inboxDays) - 1) {
        this.wrong.push(`event ${start} of day ${this.committed[start]} was passed over on day ${this.now}`);
      }
      start += 1;
    }
    return start;
  }

  private attempt(index: number): void {
    if ((this.inbox.get(index) ?? 0) > this.now) return;
    if (this.handled.has(index)) this.wrong.push(`event ${index} was handled again on day ${this.now}`);
    this.handled.add(index);
    this.inbox.set(index, this.now + this.settings.inboxExpirySeconds / 86_400);
  }
}

describe('the start of a group, for any history of settings', () => {
  it('is after all handled events, and passes no event that the inbox still knows', () => {
    fc.assert(
      fc.property(anyLife, ({ first, days }) => {
        const life = new Life(first);
        for (const each of days) life.live(each);
        expect(life.wrong).toStrictEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('passes nothing for a consumer that was always strict, while its cursors are kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 120 }), fc.nat({ max: 119 }), (cursorDays, ageDays) => {
        fc.pre(ageDays < cursorDays);
        const history = historyOf([0, settings('strict', 15, cursorDays)]);
        expect(forgottenUntil(history, day(ageDays))).toBe(0);
      }),
    );
  });
});
