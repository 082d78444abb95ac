import { currentOf } from './calls.ts';
import type { Change } from './change.ts';
import type { Plan } from './plan.ts';
import { isOver, type RunnerDeps, type Slice } from './slice.ts';
import { addCounts, type StoredRecord } from './state.ts';
import { countsOf, takeRecord } from './take-record.ts';

/**
 * Tries parked records again, each as it is now at the source.
 * @returns false if the time is over
 */
export const retryParked = async (
  deps: RunnerDeps,
  slice: Slice,
  isWanted: (parked: NonNullable<StoredRecord['parked']>) => boolean,
): Promise<boolean> => {
  const { store, clock } = deps;
  const { key, source, context } = slice;
  const tried = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.parked(key, after);
    for (const { externalId, parked } of page.items) {
      if (parked === undefined || tried.has(externalId) || !isWanted(parked)) continue;
      tried.add(externalId);
      const readAt = clock.now();
      const current = await currentOf(source, externalId, context.signal);
      const kept = parked.change === undefined ? undefined : (JSON.parse(parked.change) as Change);
      const change = current ?? kept;
      if (change === undefined) continue;
      const origin = current === undefined ? 'poll' : 'get';
      const { plan } = await takeRecord(deps, slice, { change, origin, readAt, stored: undefined }, 'fresh');
      countRetried(slice, plan);
      if (isOver(deps, slice)) return false;
    }
    after = page.next;
  } while (after !== undefined);
  return true;
};

/** At the end of a run its parked records are tried again: the run has counted them as parked. */
const countRetried = (slice: Slice, plan: Plan): void => {
  const { counts, phase } = slice.run;
  const isCounted = phase === 'references' && counts.parked > 0;
  slice.run = {
    ...slice.run,
    counts: addCounts({ ...counts, parked: counts.parked - (isCounted ? 1 : 0) }, countsOf(plan)),
  };
};
