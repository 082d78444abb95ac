import type { HandlerContext } from '../consumer/index.ts';
import type { CloudEvent, Detection } from '../definitions/index.ts';
import { causedBy } from '../event/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import type { ParkReason } from './decide.ts';
import type { ChangeDeps } from './plan.ts';
import type { ChangeSource } from './ports.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { ActiveRun, RunPhase, RunRecord, RunStatus, ScopeKey, ScopeState } from './state.ts';
import type { SyncTelemetry } from './telemetry.ts';

export interface RunnerDeps extends ChangeDeps {
  readonly sources: Readonly<Record<string, ChangeSource>>;
  readonly outbox: Outbox;
  readonly schedules: ScheduleStore;
  readonly telemetry: SyncTelemetry;
  /** Different for every call. */
  readonly newToken: () => string;
  /** How long a slice takes pages. The function's timeout must be longer by a page. */
  readonly sliceMs: number;
}

/** Longer than a slice and its last page: an execution that ended without a word is waited for so long. */
const LEASE_MS = 90_000;

export type SliceContext = Pick<HandlerContext, 'tx' | 'signal'>;

/** A slice of a run: the scope as this execution has written it last, and when it must end. */
export interface Slice {
  readonly key: ScopeKey;
  readonly detection: Detection;
  readonly source: ChangeSource;
  readonly event: CloudEvent;
  readonly context: SliceContext;
  readonly endsAt: EpochMs;
  readonly holder: string;
  /** Number of the last full read, for records that are new. */
  readonly seenBy: number;
  scope: ScopeState;
  run: ActiveRun;
}

/** What follows a phase. */
export type Step = RunPhase | 'end' | 'time-over' | 'approval-due';

const ENDED: readonly RunStatus[] = ['succeeded', 'partial', 'failed', 'cancelled'];

/** The run as it is shown. */
export const recordOf = (
  { clock }: Pick<RunnerDeps, 'clock'>,
  key: ScopeKey,
  run: ActiveRun,
  status: RunStatus,
  reason?: ParkReason,
): RunRecord => {
  const isEnd = ENDED.includes(status);
  const { runId, mode, trigger, actor, approvedBy, startedAt, slice, counts } = run;
  return {
    ...{ sync: key.sync, provider: key.provider, runId, mode, trigger, actor, approvedBy, startedAt, slice, counts },
    status,
    endedAt: isEnd ? clock.now() : undefined,
    reason,
  };
};

/** Stores the scope and the run in a transaction of their own, on condition that this execution still holds the scope. */
export const save = async (
  { outbox, store }: RunnerDeps,
  slice: Slice,
  scope: Omit<ScopeState, 'fence'>,
  record: RunRecord,
): Promise<void> => {
  const { key, scope: before } = slice;
  await outbox.transact((tx) => {
    const writes = store.within(tx);
    writes.scope(key, before, scope);
    writes.run(record);
  }, causedBy(slice.event));
  slice.scope = { ...scope, fence: before.fence + 1 };
};

/** Stores what was done, and holds the scope for another lease. */
export const settle = async (
  deps: RunnerDeps,
  slice: Slice,
  run: ActiveRun,
  scope: Partial<ScopeState> = {},
): Promise<void> => {
  const heldUntil = addMs(deps.clock.now(), LEASE_MS);
  await save(
    deps,
    slice,
    { ...slice.scope, ...scope, run, holder: slice.holder, heldUntil },
    recordOf(deps, slice.key, run, run.status),
  );
  slice.run = run;
};

export const isOver = ({ clock }: Pick<RunnerDeps, 'clock'>, { endsAt, context }: Slice): boolean =>
  context.signal.aborted || clock.now() >= endsAt;

/** Whether the run has tried a parked record, in any phase. */
export const isTriedIn = ({ runId }: ActiveRun, triedIn: string): boolean =>
  triedIn === runId || triedIn === `${runId}${LAST_PHASE}`;

const LAST_PHASE = '/references';

/** At the end of a run, records that wait for others are tried once more. */
export const triedInOf = ({ runId, phase }: ActiveRun): string =>
  phase === 'references' ? `${runId}${LAST_PHASE}` : runId;
