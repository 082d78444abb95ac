import type { Effect } from './effects.ts';

/** What went wrong with events, counted from their effects. */
export interface Verdict {
  /** Committed events without an effect. */
  readonly lost: number;
  /** Effects beyond the first of an event. */
  readonly repeated: number;
  /** Events whose first effect came after that of a later event of their group. */
  readonly outOfOrder: number;
}

/** @param effects in the order of their commits */
export function verdictOn(committed: number, effects: readonly Pick<Effect, 'group' | 'sequence'>[]): Verdict {
  const seen = new Map<string, Set<number>>();
  const latest = new Map<string, number>();
  let repeated = 0;
  let outOfOrder = 0;
  for (const { group, sequence } of effects) {
    const ofGroup = seen.get(group) ?? new Set();
    seen.set(group, ofGroup);
    if (ofGroup.has(sequence)) {
      repeated += 1;
      continue;
    }
    ofGroup.add(sequence);
    const last = latest.get(group) ?? 0;
    if (sequence < last) outOfOrder += 1;
    latest.set(group, Math.max(last, sequence));
  }
  const had = [...seen.values()].reduce((sum, ofGroup) => sum + ofGroup.size, 0);
  return { lost: committed - had, repeated, outOfOrder };
}
