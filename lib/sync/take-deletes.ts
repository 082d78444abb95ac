import { DEFAULT_MAX_DELETE_COUNT, DEFAULT_MAX_DELETE_RATIO } from '../definitions/index.ts';
import { currentOf } from './calls.ts';
import { lookSoon } from './reschedule.ts';
import { isOver, type RunnerDeps, recordOf, type Slice, type Step } from './slice.ts';
import { type ActiveRun, addCounts } from './state.ts';
import { countsOf, takeRecord } from './take-record.ts';

/** Deletes what a finished full read did not see, each confirmed by the source. */
export const takeDeletes = async (deps: RunnerDeps, slice: Slice): Promise<Step> => {
  const { store, clock } = deps;
  const { key, detection, source, run, scope } = slice;
  const { deletes } = detection;
  if (deletes.kind !== 'reconcile') return 'end';
  const { maxCount = DEFAULT_MAX_DELETE_COUNT, maxRatio = DEFAULT_MAX_DELETE_RATIO } = deletes;
  if (run.approvedBy === undefined) {
    const missing = await countUnseen(
      deps,
      slice,
      (count) => count > maxCount && count > maxRatio * (count + run.seen),
    );
    if (missing > maxCount && missing > maxRatio * (missing + run.seen)) {
      await awaitApproval(deps, slice, missing);
      return 'approval-due';
    }
  }
  const tried = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.unseen(key, scope.generation, after);
    for (const { externalId } of page.items) {
      if (tried.has(externalId)) continue;
      tried.add(externalId);
      const readAt = clock.now();
      const change = await currentOf(source, externalId, slice.context.signal);
      if (change === undefined) continue;
      const { plan } = await takeRecord(deps, slice, { change, origin: 'get', readAt, stored: undefined }, 'fresh');
      slice.run = { ...slice.run, counts: addCounts(slice.run.counts, countsOf(plan)) };
      if (isOver(deps, slice)) return 'time-over';
    }
    after = page.next;
  } while (after !== undefined);
  return 'end';
};

const countUnseen = async (
  { store }: RunnerDeps,
  { key, scope }: Slice,
  isEnough: (count: number) => boolean,
): Promise<number> => {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await store.unseen(key, scope.generation, after);
    count += page.items.length;
    after = page.next;
  } while (after !== undefined && !isEnough(count));
  return count;
};

/** Ends the slice. The run goes on once somebody approves it. */
const awaitApproval = async (deps: RunnerDeps, slice: Slice, missing: number): Promise<void> => {
  const { store, clock, telemetry } = deps;
  const { key, scope, context: handling } = slice;
  const run: ActiveRun = { ...slice.run, status: 'awaiting-approval' };
  const message = `${missing} or more records are missing, of ${missing + run.seen}`;
  const record = recordOf(deps, key, run, 'awaiting-approval', { code: 'SYNC_APPROVAL_DUE', message });
  const writes = store.within(handling.tx);
  writes.scope(key, scope, { ...scope, run, holder: undefined, heldUntil: clock.now() });
  writes.run(record);
  await lookSoon(deps, handling.tx, key);
  telemetry.approvalDue(record, missing);
};
