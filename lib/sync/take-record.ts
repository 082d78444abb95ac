import { hasCode } from '../definitions/index.ts';
import { causedBy } from '../event/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { memberOf, reasonOf } from '../shared/thrown.ts';
import { isTransient } from '../shared/transient.ts';
import { SinkFailure, SourceFailure } from './calls.ts';
import type { ParkReason } from './decide.ts';
import type { ArrivedChange, ChangeDeps, Plan } from './plan.ts';
import { planChange } from './plan-change.ts';
import { planPark } from './plan-write.ts';
import { type RunnerDeps, type Slice, triedInOf } from './slice.ts';
import type { RunCounts } from './state.ts';

/** Races for one record are rarely lost twice. */
const MOST_RACES = 5;

/** What the sink collected cannot be written, whenever it is tried. */
const UNWRITABLE_CODES = [
  'EVENT_DATA_INVALID',
  'EVENT_PLACE_INVALID',
  'EVENT_ENVELOPE_INVALID',
  'ITEM_VALUE_INVALID',
  'OUTBOX_LIMIT_EXCEEDED',
  'OUTBOX_WRITE_REFUSED',
];

/**
 * Decides one change and writes it, in a transaction of its own.
 * @param known `fresh` reads the record first. A parked record is written by `write`, of a page; at once if fresh
 */
export const takeRecord = async (
  deps: RunnerDeps,
  slice: Slice,
  arrived: Pick<ArrivedChange, 'change' | 'origin' | 'readAt' | 'stored'>,
  known: 'read' | 'fresh',
): Promise<{ readonly plan: Plan; readonly write: () => Promise<void> }> => {
  const { store } = deps;
  const { key, source, scope, run, seenBy, context: handling } = slice;
  const generation = run.mode === 'reconcile' ? scope.generation : undefined;
  let stored = known === 'fresh' ? await store.readRecord(key, arrived.change.externalId) : arrived.stored;
  for (let race = 1; ; race++) {
    const whole: ArrivedChange = {
      ...arrived,
      ...{ key, source, stored, generation, seenBy, signal: handling.signal, triedIn: triedInOf(run) },
    };
    let plan: Plan;
    try {
      plan = await planOf(deps, whole);
      const write = () => commit(deps, slice, plan, arrived.change.externalId);
      if (plan.outcome === 'parked' && known === 'read') return { plan, write };
      await write();
      return { plan, write };
    } catch (error) {
      const cause = error instanceof SinkFailure ? error.cause : error;
      if (memberOf(cause, 'disposition') === 'lost-race' && race < MOST_RACES) {
        stored = await store.readRecord(key, arrived.change.externalId);
        continue;
      }
      const reason = parkReasonOf(error);
      if (reason === undefined) throw cause;
      const parked = planPark(deps, whole, reason);
      const write = () => commit(deps, slice, parked, arrived.change.externalId);
      if (known === 'fresh') await write();
      return { plan: parked, write };
    }
  }
};

const commit = async (
  { outbox, telemetry }: RunnerDeps,
  { event, run }: Slice,
  plan: Plan,
  externalId: string,
): Promise<void> => {
  const { collect } = plan;
  if (collect !== undefined) {
    await outbox.transact((tx: UnitOfWork) => collect(tx, run.runId), causedBy(event));
  }
  telemetry.recorded(plan, externalId);
};

/** Plans a change; one that only the source could decide is parked or taken as it is. */
async function planOf(deps: ChangeDeps, arrived: ArrivedChange): Promise<Plan> {
  const plan = await planChange(deps, arrived);
  if (plan.outcome !== 'undecided') return plan;
  return planPark(deps, arrived, {
    code: 'SYNC_ROW_INCOMPLETE',
    message: "the source returned a part of a row, and has no 'get' to ask for the rest",
  });
}

/** Why a record is parked for an error; undefined if the error is not the record's. */
export function parkReasonOf(error: unknown): ParkReason | undefined {
  if (error instanceof SourceFailure) return undefined;
  const isSinks = error instanceof SinkFailure;
  const cause = isSinks ? error.cause : error;
  const disposition = memberOf(cause, 'disposition');
  if (isTransient(cause) || disposition === 'defer' || disposition === 'lost-race') return undefined;
  const isUnwritable = UNWRITABLE_CODES.some((code) => hasCode(cause, code));
  return isSinks || isUnwritable ? reasonOf(cause) : undefined;
}

/** What an outcome adds to a run's counts. */
export const countsOf = ({ outcome }: Plan): Partial<RunCounts> => {
  switch (outcome) {
    case 'created':
    case 'updated':
    case 'deleted':
    case 'unchanged':
    case 'stale':
    case 'parked':
      return { [outcome]: 1 };
    case 'echo':
      return { echoes: 1 };
    case 'undecided':
      return {};
  }
};
