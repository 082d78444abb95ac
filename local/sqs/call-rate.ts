import type { Clock } from '../../lib/shared/time.ts';

/** Counts calls by key, in each second of the clock anew. */
export interface CallRate {
  /** False when the key has had its share of this second. */
  admit(key: string): boolean;
}

export function createCallRate(clock: Clock, perSecond: number): CallRate {
  const counts = new Map<string, number>();
  let countedSecond = 0;

  return {
    admit(key) {
      const second = Math.floor(clock.now() / 1000);
      if (second !== countedSecond) counts.clear();
      countedSecond = second;
      const count = counts.get(key) ?? 0;
      if (count >= perSecond) return false;
      counts.set(key, count + 1);
      return true;
    },
  };
}
