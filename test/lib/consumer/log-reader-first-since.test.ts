import { describe, expect, it } from 'vitest';
import { type EventLog, firstSince, type LogPlace } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const T0 = 1_795_154_400_000;
const MINUTE_MS = 60_000;

/** A group's places by their commit times; counts the reads. */
function createGroup(committedAt: (sequence: number) => number | undefined, length: number) {
  let reads = 0;
  let items = 0;
  const log: Pick<EventLog, 'places'> = {
    async places(_, from, upTo, limit) {
      reads += 1;
      const found: LogPlace[] = [];
      for (let sequence = from; sequence <= Math.min(upTo, length) && found.length < limit; sequence++) {
        const at = committedAt(sequence);
        if (at === undefined) continue;
        found.push({ sequence, committedAt: at as EpochMs, expires: undefined, previousExpires: undefined });
      }
      items += found.length;
      return found;
    },
  };
  const find = async (instant: number) => (await firstSince(log, 'g', instant as EpochMs, length))?.sequence;
  return { find, reads: () => reads, items: () => items };
}

describe('the first event since an instant', () => {
  it.each([10, 1_000, 100_000, 10_000_000])(
    'takes three reads of one item if it is the last of %i events',
    async (length) => {
      const group = createGroup((sequence) => T0 + 2 * sequence * MINUTE_MS, length);

      expect(await group.find(T0 + 2 * length * MINUTE_MS)).toBe(length);
      expect({ reads: group.reads(), items: group.items() }).toEqual({ reads: 3, items: 3 });
    },
  );

  it.each([
    [10, 9],
    [1_000, 21],
    [50_000, 33],
  ])('takes reads by the logarithm of the %i events since, not by the length of the group', async (since, reads) => {
    const length = 100_000;
    const first = length - since;
    const group = createGroup((sequence) => T0 + sequence * MINUTE_MS, length);

    expect(await group.find(T0 + first * MINUTE_MS)).toBe(first);
    expect(group.reads()).toBeLessThanOrEqual(reads);
    expect(group.items()).toBeLessThanOrEqual(1_000 + reads);
  });

  it('takes one read where the group’s oldest event is young enough', async () => {
    const group = createGroup((sequence) => T0 + sequence, 100_000);

    expect(await group.find(T0 + 1)).toBe(1);
    expect(group.reads()).toBe(1);
  });

  it('takes two reads where all of a small group may be out of step with the instant', async () => {
    const group = createGroup((sequence) => T0 + sequence, 100);

    expect(await group.find(T0 + 1 + MINUTE_MS)).toBeUndefined();
    expect(group.reads()).toBe(2);
  });

  it('is none in a group without events, and may be the last one of a group', async () => {
    expect(await createGroup(() => undefined, 9).find(T0)).toBeUndefined();
    expect(await createGroup((sequence) => T0 + 2 * sequence * MINUTE_MS, 2).find(T0 + 4 * MINUTE_MS)).toBe(2);
  });

  it('is found behind thousands of events that may be out of step with it', async () => {
    const group = createGroup((sequence) => {
      if (sequence === 1) return T0;
      return sequence < 4_000 ? T0 + 570_000 : T0 + 600_000;
    }, 5_000);

    expect(await group.find(T0 + 600_000)).toBe(4_000);
  });

  it('is none where the group’s youngest events are older, or are no more', async () => {
    const group = createGroup((sequence) => (sequence > 900 ? undefined : T0 + sequence * MINUTE_MS), 1_000);

    expect(await group.find(T0 + 900 * MINUTE_MS + 30_000)).toBeUndefined();
  });

  it('is not behind an event of a clock that is a full minute behind', async () => {
    const times = [0, 600_000, 540_000, 700_000, 800_000];
    const group = createGroup((sequence) => T0 + (times[sequence - 1] ?? 0), times.length);

    expect(await group.find(T0 + 600_000)).toBe(2);
  });

  it('is found behind an expired beginning and beside holes', async () => {
    const group = createGroup(
      (sequence) => (sequence < 400 || (sequence > 600 && sequence < 800) ? undefined : T0 + sequence * MINUTE_MS),
      1_000,
    );

    expect(await group.find(T0)).toBe(400);
    expect(await group.find(T0 + 700 * MINUTE_MS)).toBe(800);
    expect(await group.find(T0 + 600 * MINUTE_MS)).toBe(600);
    expect(await group.find(T0 + 1_001 * MINUTE_MS)).toBeUndefined();
  });

  it('is never one behind it, where the clocks of producers are out of step by up to a minute', async () => {
    // every third event is committed by a clock that is behind, every fifth by one that is ahead
    const skewMs = (sequence: number) => (sequence % 3 === 0 ? -25_000 : 0) + (sequence % 5 === 0 ? 25_000 : 0);
    const committedAt = (sequence: number) => T0 + sequence * 1_000 + skewMs(sequence);

    for (let instant = T0; instant < T0 + 2_100_000; instant += 7_000) {
      const group = createGroup(committedAt, 2_000);
      const all = Array.from({ length: 2_000 }, (_, index) => index + 1);
      const first = all.find((sequence) => committedAt(sequence) >= instant);

      expect(await group.find(instant)).toBe(first);
    }
  });
});
