import { describe, expect, it } from 'vitest';
import { isOver, isWorthTrying, priceOf, since, usageNow } from './trial-usage.ts';

const used = (busyMs: number, idleMs = 0) => ({ busyMs, idleMs });

describe('the judgement of a trial', () => {
  it('lets a mutant meet every cheap test of its own folder, however much it has survived', () => {
    expect(isWorthTrying(1_000_000, used(199), true)).toBe(true);
    expect(priceOf(used(199), true)).toBe(0);
  });

  it('counts costly tests and tests elsewhere, and gives up after six seconds of them', () => {
    expect(priceOf(used(150, 50), true)).toBe(200);
    expect(priceOf(used(3), false)).toBe(3);
    expect(isWorthTrying(6_000, used(3), false)).toBe(true);
    expect(isWorthTrying(6_001, used(3), false)).toBe(false);
    expect(isWorthTrying(6_001, used(200), true)).toBe(false);
  });

  it('ends a test that works or waits six times as long as without a mutant, and five seconds at least', () => {
    expect(isOver(used(5_000, 5_000), used(3))).toBe(false);
    expect(isOver(used(5_001), used(3))).toBe(true);
    expect(isOver(used(0, 5_001), used(3))).toBe(true);
    expect(isOver(used(6_000), used(1_000))).toBe(false);
    expect(isOver(used(6_001), used(1_000))).toBe(true);
    expect(isOver(used(0, 6_001), used(0, 1_000))).toBe(true);
  });

  it('counts work as the time of the processor', () => {
    const before = usageNow();
    while (since(before).busyMs < 5);

    expect(since(before).idleMs).toBeLessThan(5);
    expect(since(used(1, 2), used(4, 6))).toStrictEqual(used(3, 4));
  });
});
