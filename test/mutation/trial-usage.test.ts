import { describe, expect, it } from 'vitest';
import { isOver, isWorthTrying, priceOf, since, usageNow } from './trial-usage.ts';

const used = (busyMs: number, idleMs = 0) => ({ busyMs, idleMs });

describe('the judgement of a trial', () => {
  it('runs every cheap test of the folder of the mutant, however many tests it has survived', () => {
    expect(isWorthTrying(1_000_000, used(199), true)).toBe(true);
    expect(priceOf(used(199), true)).toBe(0);
  });

  it('counts expensive tests and tests in other folders, and stops after six seconds of them', () => {
    expect(priceOf(used(150, 50), true)).toBe(200);
    expect(priceOf(used(3), false)).toBe(3);
    expect(isWorthTrying(6_000, used(3), false)).toBe(true);
    expect(isWorthTrying(6_001, used(3), false)).toBe(false);
    expect(isWorthTrying(6_001, used(200), true)).toBe(false);
  });

  it('stops a test after six times its time without a mutant, but not before five seconds', () => {
    expect(isOver(used(5_000, 5_000), used(3))).toBe(false);
    expect(isOver(used(5_001), used(3))).toBe(true);
    expect(isOver(used(0, 5_001), used(3))).toBe(true);
    expect(isOver(used(6_000), used(1_000))).toBe(false);
    expect(isOver(used(6_001), used(1_000))).toBe(true);
    expect(isOver(used(0, 6_001), used(0, 1_000))).toBe(true);
  });

  it('counts work as CPU time', () => {
    const before = usageNow();
    while (since(before).busyMs < 5);

    expect(since(before).idleMs).toBeLessThan(5);
    expect(since(used(1, 2), used(4, 6))).toStrictEqual(used(3, 4));
  });
});
