import { type CloudEvent, type Detection, hasCode, isWaybillError, lagAndOverlapOf } from '../definitions/index.ts';
import { memberOf, reasonOf } from '../shared/thrown.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { SourceFailure } from './calls.ts';
import type { ParkReason } from './decide.ts';
import { SyncBusyError, SyncCommandError, SyncSourceWaitError } from './errors.ts';
import {
  type SyncContinuation,
  type SyncRequest,
  type SyncScope,
  sameHops,
  scopeOf,
  syncContinued,
  syncRequested,
} from './events.ts';
import type { ChangeSource } from './ports.ts';
import { reschedule, stateAfter } from './reschedule.ts';
import { retryParked } from './retry-parked.ts';
import {
  isTriedIn,
  type RunnerDeps,
  recordOf,
  type Slice,
  type SliceContext,
  type Step,
  save,
  settle,
  triedInOf,
} from './slice.ts';
import { type ActiveRun, NO_COUNTS, type RunPhase, type ScopeKey, type ScopeState } from './state.ts';
import { takeDeletes } from './take-deletes.ts';
import { takePages } from './take-pages.ts';
import { REFERENCE_MISSING } from './translate.ts';

/** Failures of a source one after the other, until the run ends; the next one goes on where it was. */
const MOST_FAILURES = 5;
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 900;

/** The source's answers that a repetition would not change. */
const FINAL_CODES = ['EXTERNAL_UNAUTHORIZED', 'EXTERNAL_REQUEST_REJECTED', 'EXTERNAL_RESPONSE_INVALID'];

export interface Runner {
  requested(event: CloudEvent<SyncRequest>, context: SliceContext): Promise<void>;
  continued(event: CloudEvent<SyncContinuation>, context: SliceContext): Promise<void>;
}

/** Runs the runs of a sync, a slice at a time. */
export function createRunner(deps: RunnerDeps): Runner {
  const { definition, store, sources, clock, telemetry } = deps;

  const start = async (
    key: ScopeKey,
    scope: ScopeState,
    run: ActiveRun,
    event: CloudEvent,
    context: SliceContext,
  ): Promise<void> => {
    const now = clock.now();
    if (scope.holder !== undefined && scope.heldUntil > now) {
      throw new SyncBusyError(`${key.sync}#${key.provider}`, Math.ceil((scope.heldUntil - now) / 1000));
    }
    const { detection, source } = providerOf(key.provider);
    const full = key.scope === 'full' ? scope : await store.readScope({ ...key, scope: 'full' });
    const slice: Slice = {
      ...{ key, detection, source, event, context, scope, run },
      endsAt: addMs(now, deps.sliceMs),
      holder: deps.newToken(),
      seenBy: full.generation,
    };
    const isNew = scope.run?.runId !== run.runId;
    const generation = isNew && run.mode !== 'increment' ? scope.generation + 1 : scope.generation;
    await settle(deps, slice, { ...run, status: 'running' }, { generation });
    if (isNew) telemetry.runStarted(recordOf(deps, key, slice.run, 'running'));
    try {
      await work(slice);
    } catch (error) {
      await afterError(slice, error);
    }
  };

  /** Waits, ends the run, or passes on what is not the source's. */
  const afterError = async (slice: Slice, error: unknown): Promise<void> => {
    const { context, source, run } = slice;
    if (!(error instanceof SourceFailure)) {
      if (!hasCode(error, 'SYNC_FENCED')) await release(slice, run, reasonOf(error));
      throw error;
    }
    const { cause } = error;
    // the invocation ends; the event is received again
    if (context.signal.aborted) throw cause;
    const reason = reasonOf(cause);
    const isDeferred = memberOf(cause, 'disposition') === 'defer';
    if (isDeferred) {
      await release(slice, { ...run, status: 'waiting' }, reason);
      throw cause;
    }
    const isFinal = memberOf(cause, 'disposition') === 'permanent' || FINAL_CODES.includes(reason.code);
    const failures = run.failures + 1;
    if (isFinal || failures > MOST_FAILURES) return close(slice, 'failed', reason);
    const seconds = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (failures - 1));
    await release(slice, { ...run, failures, status: 'waiting' }, reason);
    throw new SyncSourceWaitError(source.label, seconds, { cause });
  };

  /** Lets the scope go, so that the next receive of the event need not wait for the lease. */
  const release = async (slice: Slice, run: ActiveRun, reason: ParkReason): Promise<void> => {
    const record = recordOf(deps, slice.key, run, run.status, reason);
    try {
      await save(deps, slice, { ...slice.scope, run, holder: undefined, heldUntil: clock.now() }, record);
      telemetry.runWaits(record);
    } catch (error) {
      // it is the first error that counts; without this write the lease ends by itself
      if (!isWaybillError(error)) telemetry.runWaits({ ...record, reason: reasonOf(error) });
    }
  };

  /** Ends the slice in the handler's own transaction. */
  const endSlice = (slice: Slice): void => {
    const { key, scope, event, context } = slice;
    const run: ActiveRun = { ...slice.run, slice: slice.run.slice + 1, status: 'continued' };
    const writes = store.within(context.tx);
    writes.scope(key, scope, { ...scope, run, holder: undefined, heldUntil: clock.now() });
    writes.run(recordOf(deps, key, run, 'continued'));
    const { provider, scope: name } = key;
    context.tx.publish(
      syncContinued(definition),
      { provider, scope: name, runId: run.runId, slice: run.slice },
      { hops: sameHops(event) },
    );
  };

  const close = async (
    slice: Slice,
    status: 'succeeded' | 'partial' | 'failed',
    reason?: ParkReason,
  ): Promise<void> => {
    const { key, scope, event, context, run } = slice;
    const record = recordOf(deps, key, run, status, reason);
    const writes = store.within(context.tx);
    const { next } = scope;
    const state = stateAfter(scope, run, status, clock.now());
    writes.scope(key, scope, {
      ...scope,
      ...state,
      run: undefined,
      next: undefined,
      holder: undefined,
      heldUntil: clock.now(),
    });
    writes.run(record);
    await reschedule(deps, context.tx, key, { run, status, state });
    if (next !== undefined) {
      const { mode, trigger, actor } = next;
      context.tx.publish(
        syncRequested(definition),
        { provider: key.provider, mode, trigger, ...(actor !== undefined && { actor }) },
        { hops: sameHops(event) },
      );
    }
    telemetry.runEnded(
      record,
      key.scope === 'increment' && status !== 'failed' ? lagOf(slice, clock.now()) : undefined,
    );
  };

  const work = async (slice: Slice): Promise<void> => {
    for (;;) {
      const step = await PHASES[slice.run.phase](slice);
      if (step === 'time-over') return endSlice(slice);
      if (step === 'approval-due') return;
      if (step === 'end') return close(slice, slice.run.counts.parked > 0 ? 'partial' : 'succeeded');
      // stored with the next page: what a phase has done is done again without effect
      slice.run = { ...slice.run, phase: step };
    }
  };

  const PHASES: Readonly<Record<RunPhase, (slice: Slice) => Promise<Step>>> = {
    async parked(slice) {
      const isDone = await retryParked(deps, slice, (parked) => !isTriedIn(slice.run, parked.triedIn));
      return isDone ? 'pages' : 'time-over';
    },
    async references(slice) {
      // at once: the record that they wait for may have come after them
      const isDone = await retryParked(
        deps,
        slice,
        (parked) => parked.code === REFERENCE_MISSING && parked.triedIn !== triedInOf(slice.run),
      );
      if (!isDone) return 'time-over';
      return slice.run.mode === 'reconcile' ? 'deletes' : 'end';
    },
    pages: (slice) => takePages(deps, slice),
    deletes: (slice) => takeDeletes(deps, slice),
  };

  const providerOf = (provider: string): { readonly detection: Detection; readonly source: ChangeSource } => {
    const detection = definition.providers[provider];
    const source = sources[provider];
    if (detection !== undefined && source !== undefined) return { detection, source };
    throw new SyncCommandError(
      `sync '${definition.name}' has no provider '${provider}', it has '${Object.keys(sources).join("', '")}'`,
    );
  };

  return {
    async requested(event, handling) {
      const { provider, mode, trigger, actor } = event.data;
      providerOf(provider);
      const key = scopeKeyOf(definition.name, provider, scopeOf(mode));
      const scope = await store.readScope(key);
      const { run } = scope;
      // received again: its slice has ended, or the run
      if (run?.runId === event.id && run.slice > 1) return;
      if (run === undefined && (await store.readRun(key, event.id)) !== undefined) return;
      if (run !== undefined && run.runId !== event.id) {
        telemetry.runSkipped(key, run.runId);
        // the other kind of a full read follows; a run of the same kind is under way
        if (run.mode !== mode)
          store.within(handling.tx).scope(key, scope, { ...scope, next: { mode, trigger, actor } });
        return;
      }
      const begun: ActiveRun = run ?? {
        ...{ runId: event.id, mode, trigger, actor, startedAt: clock.now(), slice: 1 },
        phase: mode === 'increment' ? 'parked' : 'pages',
        counts: NO_COUNTS,
        until: undefined,
        position: undefined,
        digest: undefined,
        seen: 0,
        parkedInARow: 0,
        failures: 0,
        approvedBy: undefined,
        status: 'running',
      };
      await start(key, scope, begun, event, handling);
    },

    async continued(event, handling) {
      const { provider, scope: name, runId, slice, approvedBy } = event.data;
      const key = scopeKeyOf(definition.name, provider, name);
      const scope = await store.readScope(key);
      const { run } = scope;
      // it has ended, or was cancelled
      if (run === undefined || run.runId !== runId || run.slice !== slice) return;
      if (run.status === 'awaiting-approval' && approvedBy === undefined) return;
      await start(key, scope, { ...run, approvedBy: approvedBy ?? run.approvedBy }, event, handling);
    },
  };
}

const scopeKeyOf = (sync: string, provider: string, scope: SyncScope): ScopeKey => ({ sync, provider, scope });

/** From the time up to which the run has read, by our clock. */
const lagOf = ({ detection: { cursor }, run }: Slice, now: EpochMs): number =>
  now - run.startedAt + (cursor.kind === 'timestamp' ? lagAndOverlapOf(cursor).lagSeconds * 1000 : 0);
