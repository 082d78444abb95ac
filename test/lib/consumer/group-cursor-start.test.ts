import { describe, expect, it } from 'vitest';
import { beginGroup, type GroupStartDeps, resumeGroup } from '../../../lib/consumer/group-cursor.ts';
import type { ConsumerHistory, Cursor, EventLog, LogEnd, LogEntry } from '../../../lib/consumer/index.ts';
import type { PassedPlaces } from '../../../lib/consumer/log-reader.ts';
import type { Ordering } from '../../../lib/definitions/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { logged, NOW, NOW_SECONDS } from './log-fixture.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (days: number) => addMs(NOW, -days * DAY_MS);

const period = (ordering: Ordering, sinceDays: number, inboxDays: number, cursorDays: number) => ({
  ordering,
  from: ago(sinceDays),
  inboxExpirySeconds: inboxDays * 86_400,
  cursorExpirySeconds: cursorDays * 86_400,
});

const historyOf = (...periods: readonly ReturnType<typeof period>[]): ConsumerHistory => ({
  startedAt: periods[0]?.from ?? NOW,
  periods,
  revision: periods.length,
});

interface Rig {
  readonly history?: ConsumerHistory;
  readonly startInstant?: EpochMs;
  readonly end?: LogEnd;
}

/** @param entriesAt what the log shows at its n-th read, from 0 */
function createRig(entriesAt: (read: number) => readonly LogEntry[], { history, startInstant, end }: Rig = {}) {
  const slept: number[] = [];
  const steps: [PassedPlaces, number][] = [];
  let reads = 0;
  const log: EventLog = {
    read: async () => [],
    places: async (_, from, upTo, limit) =>
      entriesAt(reads++)
        .filter(({ sequence }) => from <= sequence && sequence <= upTo)
        .slice(0, limit),
    end: async () => end,
  };
  const deps = {
    log,
    clock: { now: () => NOW },
    sleep: async (ms: number) => void slept.push(ms),
    startInstant: async () => startInstant ?? (0 as EpochMs),
    history: history && (async () => history),
    telemetry: { placesPassed: (_: string, places: PassedPlaces, seen: number) => void steps.push([places, seen]) },
  } as unknown as GroupStartDeps;
  return { deps, slept, steps, reads: () => reads };
}

const startingAt = (sequence: number): Cursor => ({
  processed: sequence - 1,
  seen: sequence - 1,
  blockedBy: undefined,
  generation: 0,
  revision: 0,
});

const at = (sequence: number, committedAt: EpochMs, more: Partial<LogEntry> = {}) =>
  logged(sequence, { committedAt, ...more });

const arrived = (sequence: number, madeAt?: EpochMs) => ({ sequence, madeAt });

describe('a group without a cursor', () => {
  it('begins at its oldest event that is not older than where the consumer starts', async () => {
    const { deps, slept } = createRig(() => [4, 3, 2, 1].map((days, index) => at(index + 1, ago(days))), {
      startInstant: ago(2),
    });

    expect(await beginGroup('g', arrived(4), deps)).toStrictEqual(startingAt(3));
    expect(slept).toStrictEqual([]);
  });

  it('begins at the event at hand where the log shows none, and retention has taken what was before', async () => {
    const { deps } = createRig(() => [], { end: { last: 4, lastExpires: NOW_SECONDS } });

    expect(await beginGroup('g', arrived(5, ago(9)), deps)).toStrictEqual(startingAt(5));
  });

  it('begins behind what retention has taken', async () => {
    const { deps, slept } = createRig(() => [at(4, ago(1), { previousExpires: NOW_SECONDS })]);

    expect(await beginGroup('g', arrived(4), deps)).toStrictEqual(startingAt(4));
    expect(slept).toStrictEqual([]);
  });

  it.each<[string, (read: number) => readonly LogEntry[], readonly number[]]>([
    ['shows up between two reads', (read) => (read === 0 ? [at(2, NOW)] : [at(1, ago(1)), at(2, NOW)]), [20]],
    ['shows up after two waits', (read) => (read < 6 ? [at(2, NOW)] : [at(1, ago(1)), at(2, NOW)]), [20, 100]],
  ])('begins at an earlier event of the same transaction that %s', async (_, entriesAt, waits) => {
    const { deps, slept } = createRig(entriesAt, { startInstant: ago(1) });

    expect(await beginGroup('g', arrived(2), deps)).toStrictEqual(startingAt(1));
    expect(slept).toStrictEqual(waits);
  });

  it('does not begin behind an event that the log must hold', async () => {
    const { deps, slept } = createRig(() => [at(3, NOW)]);

    await expect(beginGroup('g', arrived(3), deps)).rejects.toMatchObject({
      code: 'LOG_HOLE',
      group: 'g',
      places: { from: 2, to: 2 },
    });
    expect(slept).toStrictEqual([20, 100, 300]);
  });

  describe('whose consumer has forgotten what it has handled', () => {
    const history = historyOf(period('strict', 100, 1, 2));
    const forgotten = addMs(ago(2), 60_000);

    it.each([
      ['that the log shows', () => [at(7, forgotten)], arrived(7)],
      ['that the log does not show, and that was made by then', () => [], arrived(7, forgotten)],
    ])('begins behind the event at hand, if it is so old, and says so: one %s', async (_, entriesAt, event) => {
      const { deps, steps } = createRig(entriesAt, { history });

      expect(await beginGroup('g', event, deps)).toStrictEqual(startingAt(8));
      expect(steps).toStrictEqual([[{ kind: 'passed', why: 'forgotten', from: 7, to: 7 }, 0]]);
    });

    it.each([
      ['that was made later', addMs(forgotten, 1)],
      ['of which nobody knows when it was made', undefined],
    ])('begins at an event that the log does not show %s', async (_, madeAt) => {
      const { deps, steps } = createRig(() => [], { history, end: { last: 6, lastExpires: NOW_SECONDS } });

      expect(await beginGroup('g', arrived(7, madeAt), deps)).toStrictEqual(startingAt(7));
      expect(steps).toStrictEqual([]);
    });

    it('begins at the first event that was committed later, though made before', async () => {
      const { deps } = createRig(() => [at(1, forgotten), at(2, addMs(forgotten, 1))], { history });

      expect(await beginGroup('g', arrived(2, forgotten), deps)).toStrictEqual(startingAt(2));
    });
  });

  it('takes one read where nothing can be forgotten', async () => {
    const rig = createRig(() => [at(1, ago(1))], { history: historyOf(period('strict', 1, 18, 36)) });

    expect(await beginGroup('g', arrived(1), rig.deps)).toStrictEqual(startingAt(1));
    expect(rig.reads()).toBe(1);
  });
});

describe('a cursor of a consumer that was fifo', () => {
  const ERA = ago(10);
  const history = historyOf(period('fifo', 100, 30, 36), period('strict', 10, 30, 36));
  const forgotten = addMs(ago(30), 60_000);
  const handledUntil = addMs(ERA, HOUR_MS + 60_000);
  const cursor: Cursor = { processed: 2, seen: 2, blockedBy: undefined, generation: 1, revision: 7 };
  const blockedBy = {
    sequence: 4,
    since: ERA,
    attempts: 1,
    reason: { code: 'NO', message: 'no' },
    state: 'retrying',
    permanent: false,
  } as const;
  const passing = (from: number, to: number, seen = 2) => [[{ kind: 'passed', why: 'forgotten', from, to }, seen]];

  it.each([
    ['that keeps no history', undefined, cursor],
    ['that was never fifo', historyOf(period('strict', 100, 30, 36)), cursor],
    ['that is fifo again', historyOf(period('strict', 100, 30, 36), period('fifo', 10, 30, 36)), cursor],
    [
      'that is fifo again, and has noted an earlier time',
      historyOf(period('fifo', 100, 30, 36)),
      { ...cursor, strictSince: ERA },
    ],
    ['that has noted that all is over', history, { ...cursor, strictSince: ERA }],
  ])('stays as it is, without a read of the log, at one %s', async (_, known, current) => {
    const rig = createRig(() => [], known && { history: known });

    expect(await resumeGroup('g', current, arrived(5), rig.deps)).toBe(current);
    expect(rig.reads()).toBe(0);
  });

  it('goes past what may have been handled and is forgotten, and on from there', async () => {
    const entries = [at(3, forgotten), at(4, addMs(forgotten, 1)), at(5, ago(1))];
    const { deps, steps } = createRig(() => entries, { history });

    expect(await resumeGroup('g', cursor, arrived(5), deps)).toStrictEqual({ ...cursor, processed: 3, seen: 3 });
    expect(steps).toStrictEqual(passing(3, 3));
  });

  it('goes past nothing that is not forgotten', async () => {
    const { deps, steps } = createRig(() => [at(3, addMs(forgotten, 1))], { history });

    expect(await resumeGroup('g', cursor, arrived(3), deps)).toStrictEqual(cursor);
    expect(steps).toStrictEqual([]);
  });

  it('is done with that time once all behind it was committed after the last execution without order', async () => {
    const resume = async (committedAt: EpochMs) => {
      const { deps } = createRig(() => [at(2, ago(50)), at(3, forgotten), at(4, committedAt)], { history });
      return resumeGroup('g', { ...cursor, seen: 9 }, arrived(4), deps);
    };

    expect(await resume(handledUntil)).toStrictEqual({ ...cursor, processed: 3, seen: 9 });
    expect(await resume(addMs(handledUntil, 1))).toStrictEqual({ ...cursor, processed: 3, seen: 9, strictSince: ERA });
  });

  it('goes past all that it has seen where the event at hand is forgotten and the log shows nothing', async () => {
    const { deps, steps } = createRig(() => [], { history });

    expect(await resumeGroup('g', { ...cursor, seen: 8 }, arrived(5, forgotten), deps)).toStrictEqual({
      ...cursor,
      processed: 8,
      seen: 8,
      strictSince: ERA,
    });
    expect(steps).toStrictEqual(passing(3, 8, 8));
  });

  it('goes up to the event at hand where that is not, or nobody knows', async () => {
    const { deps, steps } = createRig(() => [], { history });

    expect(await resumeGroup('g', cursor, arrived(5), deps)).toStrictEqual({ ...cursor, processed: 4, seen: 4 });
    expect(steps).toStrictEqual(passing(3, 4));
  });

  it('does not go past the event that the group waits for, if it has begun to wait since', async () => {
    const { deps } = createRig(() => [], { history });
    const waiting = { ...cursor, blockedBy, seen: 5 };

    expect(await resumeGroup('g', waiting, arrived(5, forgotten), deps)).toStrictEqual({ ...waiting, processed: 3 });
  });

  it.each([
    ['one that is forgotten itself', 4, 5, undefined],
    ['the last one that is', 5, 5, undefined],
    ['a later one', 7, 3, 7],
  ])('which waits since before does not keep it for it: %s', async (_, sequence, processed, still) => {
    const { deps } = createRig(() => (still === undefined ? [] : [at(4, addMs(forgotten, 1))]), { history });
    const waiting = { ...cursor, blockedBy: { ...blockedBy, sequence, since: addMs(ERA, -1) } };

    expect(await resumeGroup('g', waiting, arrived(5, forgotten), deps)).toMatchObject({
      processed,
      blockedBy: still === undefined ? undefined : { sequence: still },
    });
  });

  it('asks only for what was handled without order since the time that it has noted', async () => {
    const twice = historyOf(
      period('fifo', 100, 30, 36),
      period('strict', 80, 30, 36),
      period('fifo', 20, 30, 36),
      period('strict', 10, 30, 36),
    );
    const since = { ...cursor, strictSince: ago(80) };
    const { deps, steps } = createRig(() => [at(3, ago(80))], { history: twice });
    const empty = createRig(() => [], { history: twice });

    expect(await resumeGroup('g', since, arrived(3), deps)).toStrictEqual(since);
    expect(await resumeGroup('g', since, arrived(5), empty.deps)).toStrictEqual(since);
    expect([...steps, ...empty.steps]).toStrictEqual([]);
  });
});
