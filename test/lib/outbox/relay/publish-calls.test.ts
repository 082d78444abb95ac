import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Plannable, planCalls } from '../../../../lib/outbox/relay/publish-calls.ts';

interface Numbered extends Plannable {
  /** Place in the stream. */
  readonly place: number;
}

const event = (place: number, group: string, sequence: number, sizeBytes = 100): Numbered => ({
  place,
  group,
  sequence,
  sizeBytes,
});

const streamOf = (sizeBytes: fc.Arbitrary<number>) =>
  fc
    .array(fc.record({ group: fc.constantFrom('a', 'b', 'c', 'd', 'e'), sequence: fc.nat(20), sizeBytes }), {
      maxLength: 120,
    })
    .map((events) => events.map((each, place) => ({ ...each, place })));

const smallEvents = streamOf(fc.integer({ min: 20, max: 5_000 }));
const anyEvents = streamOf(fc.oneof(fc.integer({ min: 20, max: 5_000 }), fc.integer({ min: 20, max: 1_048_575 })));

describe('planCalls', () => {
  it('plans no call without events', () => {
    expect(planCalls([])).toEqual([]);
  });

  it('fills an earlier call with a small event of another group', () => {
    const events = [event(0, 'a', 1, 700_000), event(1, 'b', 1, 700_000), event(2, 'c', 1, 300_000)];

    const calls = planCalls(events);

    expect(calls.map((call) => call.events.map(({ place }) => place))).toEqual([[0, 2], [1]]);
    expect(calls.map(({ after }) => after)).toEqual([[], []]);
  });

  it('never puts an event before the last call of its group, and makes later calls wait for that call', () => {
    const events = [event(0, 'a', 1, 700_000), event(1, 'b', 1, 700_000), event(2, 'b', 2, 300_000)];
    const spanning = [...events, event(3, 'b', 3, 300_000)];

    const calls = planCalls(spanning);

    expect(calls.map((call) => call.events.map(({ place }) => place))).toEqual([[0], [1, 2], [3]]);
    expect(calls.map(({ after }) => after)).toEqual([[], [], [1]]);
  });

  it('orders a group by sequence even if the stream has another order', () => {
    const events = [event(0, 'a', 3), event(1, 'b', 1), event(2, 'a', 1), event(3, 'a', 2)];

    const [call] = planCalls(events);

    expect(call?.events.map(({ group, sequence }) => `${group}${sequence}`)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('keeps a call below the size limit and below eleven entries', () => {
    const exact = [event(0, 'a', 1, 500_000), event(1, 'b', 1, 548_575)];
    const over = [event(0, 'a', 1, 500_000), event(1, 'b', 1, 548_576)];
    const eleven = Array.from({ length: 11 }, (_, place) => event(place, `g${place}`, 1));

    expect(planCalls(exact)).toHaveLength(1);
    expect(planCalls(over)).toHaveLength(2);
    expect(planCalls(eleven).map(({ events }) => events.length)).toEqual([10, 1]);
  });

  it('counts the entries of a later call while an earlier one has room for a small event', () => {
    const events = [
      event(0, 'a', 1, 1_040_000),
      ...Array.from({ length: 11 }, (_, index) => event(index + 1, `g${index}`, 1, 60_000)),
    ];

    expect(planCalls(events).map((call) => call.events.length)).toEqual([1, 10, 1]);
  });

  it('loses nothing and sends nothing twice', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const places = planCalls(events).flatMap((call) => call.events.map(({ place }) => place));

        expect(places.toSorted((a, b) => a - b)).toEqual(events.map(({ place }) => place));
      }),
    );
  });

  it('keeps every call within both limits', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        for (const call of planCalls(events)) {
          const sizeBytes = call.events.reduce((sum, each) => sum + each.sizeBytes, 0);

          expect(call.events.length).toBeGreaterThan(0);
          expect(call.events.length).toBeLessThanOrEqual(10);
          expect(sizeBytes).toBeLessThan(1_048_576);
        }
      }),
    );
  });

  it('keeps the order of every group, also across calls', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const calls = planCalls(events);
        const sent = new Map<string, { call: number; sequence: number }>();
        for (const [index, call] of calls.entries()) {
          for (const { group, sequence } of call.events) {
            const previous = sent.get(group);
            if (previous !== undefined) expect(sequence).toBeGreaterThanOrEqual(previous.sequence);
            if (previous !== undefined && previous.call !== index) expect(call.after).toContain(previous.call);
            sent.set(group, { call: index, sequence });
          }
          for (const earlier of call.after) expect(earlier).toBeLessThan(index);
        }
      }),
    );
  });

  it('plans as few calls as the number of entries allows if the events are small', () => {
    fc.assert(
      fc.property(smallEvents, (events) => {
        expect(planCalls(events)).toHaveLength(Math.ceil(events.length / 10));
      }),
    );
  });
});
