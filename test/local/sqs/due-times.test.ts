import { describe, expect, it } from 'vitest';
import { createDueTimes } from '../../../local/sqs/due-times.ts';

const takeAll = <T>(times: { takeDue(now: number): T | undefined }, now: number) => {
  const taken: T[] = [];
  for (let item = times.takeDue(now); item !== undefined; item = times.takeDue(now)) taken.push(item);
  return taken;
};

describe('due times', () => {
  it('returns due entries, the earliest first, and equal times in the order they were set', () => {
    const times = createDueTimes<string>();
    times.set('c', 30);
    times.set('b', 20);
    times.set('a', 20);

    expect(takeAll(times, 19)).toEqual([]);
    expect(takeAll(times, 20)).toEqual(['b', 'a']);
    expect([times.next(), times.size]).toEqual([30, 1]);
  });

  it('uses the latest time set, and forgets cleared entries', () => {
    const times = createDueTimes<string>();
    times.set('moved', 10);
    times.set('cleared', 15);
    times.set('moved', 50);
    times.clear('cleared');

    expect(times.next()).toBe(50);
    expect(takeAll(times, 49)).toEqual([]);
    expect(takeAll(times, 50)).toEqual(['moved']);
    expect([times.next(), times.size]).toEqual([undefined, 0]);
  });

  it('keeps current entries when it sweeps out many stale ones', () => {
    const times = createDueTimes<number>();
    times.set(-1, 500);
    for (let i = 0; i < 1_000; i += 1) times.set(i, 1_000 + i);
    for (let i = 0; i < 1_000; i += 1) if (i !== 700) times.clear(i);

    expect(takeAll(times, 5_000)).toEqual([-1, 700]);
  });
});
