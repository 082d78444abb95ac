import { describe, expect, it } from 'vitest';
import type { EntryResult } from '../../../../lib/outbox/relay/ports.ts';
import { pendingEvent, setUp } from './sweeper-bench.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const retryable: EntryResult = { status: 'retryable', failure: { code: 'ThrottlingException', message: 'slow' } };
const refused: EntryResult = { status: 'refused', failure: { code: 'MalformedDetail', message: 'malformed' } };

const many = (count: number, ageMs: number) =>
  Array.from({ length: count }, (_, index) => pendingEvent(`g${index}`, 1, ageMs));

describe('createSweeper', () => {
  it('publishes an event that has been pending too long, after its stream record expired', async () => {
    const bench = setUp([pendingEvent('a', 1, 72 * HOUR_MS), pendingEvent('b', 1, 3 * MINUTE_MS)]);

    const report = await bench.sweeper.run(MINUTE_MS);

    expect(bench.accepted()).toEqual(['a-1', 'b-1']);
    expect(bench.markers.keys()).toEqual([]);
    expect(report).toEqual({
      pending: 2,
      quarantined: 0,
      oldestAgeMs: 259_200_000,
      isComplete: true,
      due: 2,
      swept: 2,
      newlyQuarantined: 0,
      left: 0,
    });
  });

  it('leaves younger events to the relay, and counts them', async () => {
    const bench = setUp([pendingEvent('a', 1, 119_999), pendingEvent('b', 1, 120_000)]);

    const report = await bench.sweeper.run(MINUTE_MS);

    expect(bench.accepted()).toEqual(['b-1']);
    expect(bench.markers.keys()).toEqual([{ group: 'a', sequence: 1 }]);
    expect(report).toMatchObject({ pending: 2, due: 1, swept: 1 });
  });

  it('uses the limits given to a run, and its own in the next run', async () => {
    const bench = setUp([pendingEvent('a', 1, 5 * MINUTE_MS), pendingEvent('b', 1, 200_000)]);

    await bench.sweeper.run(MINUTE_MS, { sweepAfterMs: 4 * MINUTE_MS });
    expect(bench.accepted()).toEqual(['a-1']);
    await bench.sweeper.run(MINUTE_MS, { maxEvents: 0 });
    expect(bench.accepted()).toEqual(['a-1']);
    await bench.sweeper.run(MINUTE_MS);

    expect(bench.accepted()).toEqual(['a-1', 'b-1']);
  });

  it('reports the number and age of pending events and its results, as metrics and in one log line', async () => {
    const bench = setUp([pendingEvent('a', 1, 10 * MINUTE_MS), pendingEvent('b', 1, 1_000)]);

    await bench.sweeper.run(MINUTE_MS);

    expect(Object.fromEntries(bench.metrics)).toMatchObject({
      PendingEvents: [2],
      OldestPendingAge: [600_000],
      EventsSwept: [1],
      EventsQuarantined: [0],
    });
    expect(Object.fromEntries(bench.units)).toMatchObject({
      PendingEvents: 'Count',
      OldestPendingAge: 'Milliseconds',
      EventsSwept: 'Count',
    });
    expect(bench.logs.at(-1)).toEqual({
      level: 'info',
      message: 'swept the pending table',
      fields: {
        pending: 2,
        quarantined: 0,
        oldestAgeMs: 600_000,
        isComplete: true,
        due: 1,
        swept: 1,
        newlyQuarantined: 0,
        left: 0,
        durationMs: 0,
      },
    });
  });

  it('reports zero if nothing is pending, so that an alarm on missing data does not fire', async () => {
    const bench = setUp([]);

    const report = await bench.sweeper.run(MINUTE_MS);

    expect(Object.fromEntries(bench.metrics)).toEqual({ PendingEvents: [0], OldestPendingAge: [0], EventsSwept: [0] });
    expect(report).toMatchObject({ pending: 0, oldestAgeMs: 0, due: 0, left: 0 });
    expect(bench.log.requests).toEqual([]);
  });

  describe('keeps the order of events', () => {
    it('within a group, even if the clocks of producers differ', async () => {
      const bench = setUp([
        pendingEvent('a', 1, 5 * MINUTE_MS),
        pendingEvent('a', 2, 9 * MINUTE_MS),
        pendingEvent('a', 10, 8 * MINUTE_MS),
        pendingEvent('b', 1, 7 * MINUTE_MS),
      ]);

      await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['b-1', 'a-1', 'a-2', 'a-10']);
    });

    it('if an earlier event of the group is left to the relay: the later one is not sent', async () => {
      const bench = setUp([pendingEvent('a', 1, 1_000), pendingEvent('a', 2, 5 * MINUTE_MS)]);

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual([]);
      expect(report).toMatchObject({ pending: 2, oldestAgeMs: 300_000, due: 0 });
    });

    it('across batches: events after a failed one are not sent in this run, those of other groups are', async () => {
      const events = Array.from({ length: 150 }, (_, index) => pendingEvent('a', index + 1, HOUR_MS));
      const others = many(100, HOUR_MS - 1);
      const bench = setUp([...events, ...others], {
        publisher: { fault: ({ detail }) => (detail.includes('"a-90"') ? retryable : undefined) },
      });

      const report = await bench.sweeper.run(MINUTE_MS);

      const accepted = bench.accepted();
      expect(accepted.filter((id) => id.startsWith('a-')).at(-1)).toBe('a-89');
      expect(accepted.filter((id) => id.startsWith('g'))).toHaveLength(100);
      expect(report).toMatchObject({ due: 250, swept: 189, left: 61 });
      expect(bench.logs.at(-1)).toMatchObject({
        level: 'warn',
        message: 'swept the pending table; some events are left for the next run',
      });
    });

    it('if an earlier event of the group cannot be read in time: no event of the group is sent', async () => {
      const events = [pendingEvent('a', 1, HOUR_MS), pendingEvent('a', 2, HOUR_MS), pendingEvent('b', 1, HOUR_MS)];
      const bench = setUp(events, {
        unprocessed: (key) => key.group === 'a' && (key as { sequence?: number }).sequence === 1,
      });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['b-1']);
      expect(report).toMatchObject({ due: 3, swept: 1, left: 2 });
    });

    it('if an event cannot be read and an expired event is of another group', async () => {
      const bench = setUp([pendingEvent('a', 1, HOUR_MS)], {
        gone: [pendingEvent('b', 1, HOUR_MS), pendingEvent('a', 2, HOUR_MS)],
        unprocessed: (key) => key.group === 'a' && (key as { sequence?: number }).sequence === 1,
      });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(report).toMatchObject({ due: 3, swept: 0, newlyQuarantined: 1, left: 2 });
      expect(bench.markers.noteOf({ group: 'b', sequence: 1 })).toMatchObject({ code: 'EVENT_GONE' });
      expect(bench.markers.noteOf({ group: 'a', sequence: 2 })).toBeUndefined();
    });

    it('and sends the events behind a quarantined one', async () => {
      const bench = setUp([pendingEvent('a', 1, HOUR_MS), pendingEvent('a', 2, HOUR_MS)]);
      const signal = new AbortController().signal;
      const reason = { code: 'MalformedDetail', message: 'malformed' };
      await bench.markers.quarantine({ group: 'a', sequence: 1 }, { ...reason, at: bench.time.clock.now() }, signal);

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['a-2']);
      expect(report).toMatchObject({ pending: 1, quarantined: 1, swept: 1, newlyQuarantined: 0 });
      expect(bench.markers.keys()).toEqual([{ group: 'a', sequence: 1 }]);
    });
  });

  describe('quarantines', () => {
    it('an event that the log no longer holds, with the reason', async () => {
      const bench = setUp([pendingEvent('a', 2, HOUR_MS)], { gone: [pendingEvent('a', 1, 1_000 * HOUR_MS)] });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.markers.noteOf({ group: 'a', sequence: 1 })).toEqual({
        code: 'EVENT_GONE',
        message:
          'the outbox log no longer holds this event, committed at 2023-10-04T06:13:20.000Z: ' +
          'it was pending for longer than the log keeps events, or it was deleted',
        at: 1_700_000_000_000,
      });
      expect(bench.accepted()).toEqual(['a-2']);
      expect(report).toMatchObject({ swept: 1, newlyQuarantined: 1, left: 0 });
      expect(bench.metrics.get('EventsQuarantined')).toEqual([1]);
    });

    it('an event that the bus rejects permanently', async () => {
      const bench = setUp([pendingEvent('a', 1, HOUR_MS)], { publisher: { fault: () => refused } });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.markers.noteOf({ group: 'a', sequence: 1 })).toMatchObject({ code: 'MalformedDetail' });
      expect(report).toMatchObject({ swept: 0, newlyQuarantined: 1, left: 0 });
    });
  });

  describe('is bounded', () => {
    it('by count: it sweeps the oldest events and leaves the rest to the next run', async () => {
      const events = Array.from({ length: 30 }, (_, index) => pendingEvent(`g${index}`, 1, HOUR_MS + index));
      const bench = setUp(events, { maxEvents: 4 });

      const first = await bench.sweeper.run(MINUTE_MS);
      const afterFirst = bench.accepted();
      const second = await bench.sweeper.run(MINUTE_MS);

      expect(afterFirst).toEqual(['g29-1', 'g28-1', 'g27-1', 'g26-1']);
      expect(first).toMatchObject({ pending: 30, due: 4, swept: 4 });
      expect(second).toMatchObject({ pending: 26, due: 4, swept: 4 });
    });

    it('by time, and reports the rest as left', async () => {
      const bench = setUp(many(1_000, HOUR_MS), {
        publisher: (time) => ({ latency: () => time.sleep(1_500) }),
      });

      const report = await bench.sweeper.run(10_000);

      expect(report.swept).toBeGreaterThan(0);
      expect(report.left).toBeGreaterThan(0);
      expect(report.swept + report.left).toBe(1_000);
      expect(bench.time.clock.now()).toBeLessThanOrEqual(1_700_000_010_000);
      expect(bench.markers.keys()).toHaveLength(report.left);
    });

    it('by the time of the scan: if the table is too large, it sweeps the markers read so far', async () => {
      const bench = setUp(many(9, HOUR_MS), { pageSize: 3, beforePage: (time) => time.sleep(16_000) });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(report).toMatchObject({ isComplete: false, pending: 6, swept: 6 });
      expect(bench.markers.keys()).toHaveLength(3);
    });

    it('so that an event that fails repeatedly leaves time for the others', async () => {
      const bench = setUp([pendingEvent('stuck', 1, 2 * HOUR_MS), ...many(300, HOUR_MS)], {
        publisher: { fault: ({ detail }) => (detail.includes('stuck') ? retryable : undefined) },
      });

      const report = await bench.sweeper.run(55_000);

      expect(report).toMatchObject({ swept: 300, left: 1 });
      expect(bench.markers.keys()).toEqual([{ group: 'stuck', sequence: 1 }]);
    });
  });

  describe('when the log leaves keys unprocessed', () => {
    it('reads them again, and sends all events in order', async () => {
      const events = [1, 2, 3].map((sequence) => pendingEvent('a', sequence, HOUR_MS));
      const bench = setUp(events, { unprocessed: (_key, request) => request < 2 });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['a-1', 'a-2', 'a-3']);
      expect(bench.log.requests).toHaveLength(3);
      expect(bench.time.sleptMs).toEqual([25, 50]);
      expect(report).toMatchObject({ swept: 3, left: 0 });
    });

    it('sends no event of their groups after the time limit, and reports none as expired', async () => {
      const events = [pendingEvent('a', 1, HOUR_MS), pendingEvent('b', 1, HOUR_MS), pendingEvent('a', 2, HOUR_MS)];
      const bench = setUp(events, { unprocessed: (key) => key.group === 'a' });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['b-1']);
      expect(report).toMatchObject({ swept: 1, newlyQuarantined: 0, left: 2 });
    });
  });

  describe('runs concurrently', () => {
    it('with another sweeper, and publishes an event at most twice, with the same bytes', async () => {
      const events = [1, 2, 3].map((sequence) => pendingEvent('a', sequence, HOUR_MS));
      const bench = setUp(events, { publisher: (time) => ({ latency: () => time.sleep(100) }) });

      const reports = await Promise.all([bench.sweeper.run(MINUTE_MS), bench.sweeper.run(MINUTE_MS)]);

      expect(reports).toMatchObject([
        { swept: 3, newlyQuarantined: 0, left: 0 },
        { swept: 3, newlyQuarantined: 0, left: 0 },
      ]);
      const details = bench.publisher.accepted.map(({ detail }) => detail);
      expect(new Set(details).size).toBe(3);
      expect(firstOf(bench.accepted())).toEqual(['a-1', 'a-2', 'a-3']);
      expect(bench.markers.keys()).toEqual([]);
    });

    it('with the relay, and leaves no marker for events that the relay publishes after the scan', async () => {
      const event = pendingEvent('a', 1, HOUR_MS);
      const bench = setUp([event], {
        beforeRead: async () => {
          await bench.relay.run([{ kind: 'event', position: '1', event }], MINUTE_MS);
        },
      });

      const report = await bench.sweeper.run(MINUTE_MS);

      expect(bench.accepted()).toEqual(['a-1', 'a-1']);
      expect(bench.markers.keys()).toEqual([]);
      expect(report).toMatchObject({ swept: 1, left: 0 });
    });
  });
});

const firstOf = (ids: readonly string[]): string[] => [...new Set(ids)];
