import type { HandlerContext } from '../consumer/index.ts';
import {
  type CloudEvent,
  DEFAULT_MAX_DELETE_COUNT,
  DEFAULT_MAX_DELETE_RATIO,
  type Detection,
  hasCode,
  isWaybillError,
  lagAndOverlapOf,
} from '../definitions/index.ts';
import { causedBy } from '../event/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import { memberOf, reasonOf } from '../shared/thrown.ts';
import { addMs, type EpochMs, toTimestamp } from '../shared/time.ts';
import { isTransient } from '../shared/transient.ts';
import type { Change } from './change.ts';
import type { ParkReason } from './decide.ts';
import {
  SyncBusyError,
  SyncCommandError,
  SyncSourceError,
  SyncSourceWaitError,
  SyncSystemicError,
  SyncTruncatedError,
} from './errors.ts';
import {
  laneOf,
  type SyncContinuation,
  type SyncLane,
  type SyncRequest,
  sameHops,
  syncContinued,
  syncRequested,
} from './events.ts';
import {
  type ArrivedChange,
  askSource,
  type ChangeDeps,
  currentOf,
  type Plan,
  planChange,
  planPark,
  SinkFailure,
  SourceFailure,
} from './plan-change.ts';
import type { ChangePage, ChangeSource } from './ports.ts';
import { furtherOf, readPage, startOf } from './read-page.ts';
import {
  type ActiveRun,
  addCounts,
  type LaneKey,
  type LaneState,
  NO_COUNTS,
  type RunCounts,
  type RunPhase,
  type RunRecord,
  type RunStatus,
  type StoredRecord,
} from './state.ts';
import type { SyncTelemetry } from './telemetry.ts';
import { REFERENCE_MISSING } from './translate.ts';

export interface RunnerDeps extends ChangeDeps {
  readonly sources: Readonly<Record<string, ChangeSource>>;
  readonly outbox: Outbox;
  readonly telemetry: SyncTelemetry;
  /** Different for every call. */
  readonly newToken: () => string;
  /** How long a slice takes pages. The function's timeout must be longer by a page. */
  readonly sliceMs: number;
}

/** Longer than a slice and its last page: an execution that ended without a word is waited for so long. */
const LEASE_MS = 90_000;

/** Faults in a row, or a share of a page, that are not the records' own. */
const MOST_PARKED_IN_A_ROW = 10;
const MOST_PARKED_RATIO = 0.2;
/** In a page of few records, one is a large share. */
const FEWEST_PARKED_FOR_RATIO = 5;

/** Failures of a source one after the other, until the run ends; the next one goes on where it was. */
const MOST_FAILURES = 5;
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 900;

/** Races for one record are rarely lost twice. */
const MOST_RACES = 5;

/** The source's answers that a repetition would not change. */
const FINAL_CODES = ['EXTERNAL_UNAUTHORIZED', 'EXTERNAL_REQUEST_REJECTED', 'EXTERNAL_RESPONSE_INVALID'];

/** What the sink collected cannot be written, whenever it is tried. */
const UNWRITABLE_CODES = [
  'EVENT_DATA_INVALID',
  'EVENT_PLACE_INVALID',
  'EVENT_ENVELOPE_INVALID',
  'ITEM_VALUE_INVALID',
  'OUTBOX_LIMIT_EXCEEDED',
  'OUTBOX_WRITE_REFUSED',
];

type SliceContext = Pick<HandlerContext, 'tx' | 'signal'>;

/** A slice of a run: the lane as this execution has written it last, and when it must end. */
interface Slice {
  readonly key: LaneKey;
  readonly detection: Detection;
  readonly source: ChangeSource;
  readonly event: CloudEvent;
  readonly context: SliceContext;
  readonly endsAt: EpochMs;
  readonly holder: string;
  /** Number of the last full read, for records that are new. */
  readonly seenBy: number;
  lane: LaneState;
  run: ActiveRun;
}

export interface Runner {
  requested(event: CloudEvent<SyncRequest>, context: SliceContext): Promise<void>;
  continued(event: CloudEvent<SyncContinuation>, context: SliceContext): Promise<void>;
}

/** Runs the runs of a sync, a slice at a time. */
export function createRunner(deps: RunnerDeps): Runner {
  const { definition, store, sources, outbox, clock, telemetry } = deps;

  const recordOf = (key: LaneKey, run: ActiveRun, status: RunStatus, reason?: ParkReason): RunRecord => {
    const isEnd = ENDED.includes(status);
    const { runId, mode, trigger, actor, approvedBy, startedAt, slice, counts } = run;
    return {
      ...{ sync: key.sync, provider: key.provider, runId, mode, trigger, actor, approvedBy, startedAt, slice, counts },
      status,
      endedAt: isEnd ? clock.now() : undefined,
      reason,
    };
  };

  /** Stores the lane and the run in a transaction of their own, on condition that this execution still holds the lane. */
  const save = async (slice: Slice, lane: Omit<LaneState, 'fence'>, record: RunRecord): Promise<void> => {
    const { key, lane: before } = slice;
    await outbox.transact((tx) => {
      const writes = store.within(tx);
      writes.lane(key, before, lane);
      writes.run(record);
    }, causedBy(slice.event));
    slice.lane = { ...lane, fence: before.fence + 1 };
  };

  const settle = async (slice: Slice, run: ActiveRun, lane: Partial<LaneState> = {}): Promise<void> => {
    const heldUntil = addMs(clock.now(), LEASE_MS);
    await save(
      slice,
      { ...slice.lane, ...lane, run, holder: slice.holder, heldUntil },
      recordOf(slice.key, run, run.status),
    );
    slice.run = run;
  };

  const start = async (
    key: LaneKey,
    lane: LaneState,
    run: ActiveRun,
    event: CloudEvent,
    context: SliceContext,
  ): Promise<void> => {
    const now = clock.now();
    if (lane.holder !== undefined && lane.heldUntil > now) {
      throw new SyncBusyError(`${key.sync}#${key.provider}`, Math.ceil((lane.heldUntil - now) / 1000));
    }
    const { detection, source } = providerOf(key.provider);
    const full = key.lane === 'full' ? lane : await store.readLane({ ...key, lane: 'full' });
    const slice: Slice = {
      ...{ key, detection, source, event, context, lane, run },
      endsAt: addMs(now, deps.sliceMs),
      holder: deps.newToken(),
      seenBy: full.generation,
    };
    const isNew = lane.run?.runId !== run.runId;
    const generation = isNew && run.mode !== 'increment' ? lane.generation + 1 : lane.generation;
    await settle(slice, { ...run, status: 'running' }, { generation });
    if (isNew) telemetry.runStarted(recordOf(key, slice.run, 'running'));
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

  /** Lets the lane go, so that the next receive of the event need not wait for the lease. */
  const release = async (slice: Slice, run: ActiveRun, reason: ParkReason): Promise<void> => {
    const record = recordOf(slice.key, run, run.status, reason);
    try {
      await save(slice, { ...slice.lane, run, holder: undefined, heldUntil: clock.now() }, record);
      telemetry.runWaits(record);
    } catch (error) {
      // it is the first error that counts; without this write the lease ends by itself
      if (!isWaybillError(error)) telemetry.runWaits({ ...record, reason: reasonOf(error) });
    }
  };

  /** Ends the slice in the handler's own transaction. */
  const endSlice = (slice: Slice): void => {
    const { key, lane, event, context } = slice;
    const run: ActiveRun = { ...slice.run, slice: slice.run.slice + 1, status: 'continued' };
    const writes = store.within(context.tx);
    writes.lane(key, lane, { ...lane, run, holder: undefined, heldUntil: clock.now() });
    writes.run(recordOf(key, run, 'continued'));
    const { provider, lane: name } = key;
    context.tx.publish(
      syncContinued(definition),
      { provider, lane: name, runId: run.runId, slice: run.slice },
      { hops: sameHops(event) },
    );
  };

  const close = (slice: Slice, status: 'succeeded' | 'partial' | 'failed', reason?: ParkReason): void => {
    const { key, lane, event, context, run } = slice;
    const record = recordOf(key, run, status, reason);
    const writes = store.within(context.tx);
    const { next } = lane;
    writes.lane(key, lane, {
      ...lane,
      run: undefined,
      next: undefined,
      holder: undefined,
      heldUntil: clock.now(),
      ...(status !== 'failed' && { lastSuccessAt: clock.now() }),
    });
    writes.run(record);
    if (next !== undefined) {
      const { mode, trigger, actor } = next;
      context.tx.publish(
        syncRequested(definition),
        { provider: key.provider, mode, trigger, ...(actor !== undefined && { actor }) },
        { hops: sameHops(event) },
      );
    }
    telemetry.runEnded(record);
  };

  const isOver = ({ endsAt, context }: Slice): boolean => context.signal.aborted || clock.now() >= endsAt;

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

  type Step = RunPhase | 'end' | 'time-over' | 'approval-due';

  const PHASES: Readonly<Record<RunPhase, (slice: Slice) => Promise<Step>>> = {
    async parked(slice) {
      const isDone = await retryParked(slice, (parked) => !parked.triedIn.startsWith(slice.run.runId));
      return isDone ? 'pages' : 'time-over';
    },
    async references(slice) {
      // at once: the record that they wait for may have come after them
      const isDone = await retryParked(
        slice,
        (parked) => parked.code === REFERENCE_MISSING && parked.triedIn !== triedInOf(slice.run),
      );
      if (!isDone) return 'time-over';
      return slice.run.mode === 'reconcile' ? 'deletes' : 'end';
    },
    pages: (slice) => takePages(slice),
    deletes: (slice) => takeDeletes(slice),
  };

  /** @returns false if the time is over */
  const retryParked = async (
    slice: Slice,
    isWanted: (parked: NonNullable<StoredRecord['parked']>) => boolean,
  ): Promise<boolean> => {
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
        const { plan } = await takeRecord(slice, { change, origin, readAt, stored: undefined }, 'fresh');
        countRetried(slice, plan);
        if (isOver(slice)) return false;
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

  const takePages = async (slice: Slice): Promise<Step> => {
    const { key, source, context } = slice;
    const isFull = key.lane === 'full';
    if (slice.run.position === undefined && slice.run.digest === undefined) await beginRead(slice);
    const request = { after: slice.run.position, until: slice.run.until, signal: context.signal };
    const pages = await askSource(async () => {
      const all = isFull && source.enumerate !== undefined ? source.enumerate(request) : source.pages(request);
      return all[Symbol.asyncIterator]();
    });
    try {
      for (;;) {
        const readAt = clock.now();
        const result = await askSource(() => pages.next());
        if (result.done === true) throw new SourceFailure(new SyncTruncatedError(source.label));
        const page: ChangePage = result.value;
        const isEnd = await takePage(slice, page, readAt);
        if (isEnd) return 'references';
        if (isOver(slice)) return 'time-over';
      }
    } finally {
      await pages.return?.().catch(() => undefined);
    }
  };

  /** Fixes up to when a run reads, by the provider's own time, and where an increment begins. */
  const beginRead = async (slice: Slice): Promise<void> => {
    const { key, detection, source, context } = slice;
    const isFull = key.lane === 'full';
    if (isFull || detection.cursor.kind === 'opaque') {
      slice.run = { ...slice.run, position: isFull ? undefined : slice.lane.position };
      return;
    }
    const { now } = source;
    const theirs = await askSource(async () => {
      const time = now === undefined ? clock.now() : (await now.call(source, context.signal)).getTime();
      if (Number.isNaN(time)) {
        throw new SyncSourceError('SYNC_CURSOR_UNREADABLE', `'now' of ${source.label} returned no valid time`);
      }
      return time as EpochMs;
    });
    const until = toTimestamp(addMs(theirs, -lagAndOverlapOf(detection.cursor).lagSeconds * 1000));
    slice.run = { ...slice.run, until, position: startOf(detection, slice.lane) };
  };

  /** @returns whether it was the last one */
  const takePage = async (slice: Slice, page: ChangePage, readAt: EpochMs): Promise<boolean> => {
    const { key, detection, source, run, lane } = slice;
    const isFull = key.lane === 'full';
    const place = { position: run.position, trail: lane.trail, digest: run.digest };
    const read = await askSource(async () =>
      readPage(page, { label: source.label, detection, place, until: run.until, isFull }),
    );
    const records = new Map(
      await store.readRecords(
        key,
        read.changes.map(({ externalId }) => externalId),
      ),
    );
    const faults = new Map<string, { readonly reason: ParkReason; readonly write: () => Promise<void> }>();
    let counts: RunCounts = addCounts(run.counts, { tooFresh: read.tooFresh });
    let inARow = run.parkedInARow;
    for (const change of read.changes) {
      context(slice).throwIfAborted();
      const arrived = { change, origin: 'poll' as const, readAt, stored: records.get(change.externalId) };
      const { plan, write } = await takeRecord(slice, arrived, 'read');
      // it was tried first, and is counted
      if (plan.outcome === 'parked' && arrived.stored?.parked?.triedIn === run.runId) continue;
      // a later change of the same record takes the place of what was parked
      if (faults.delete(change.externalId)) counts = addCounts(counts, { parked: -1 });
      counts = addCounts(counts, countsOf(plan));
      const isFault = plan.outcome === 'parked' && plan.reason?.code !== REFERENCE_MISSING;
      inARow = isFault ? inARow + 1 : 0;
      if (isFault) {
        // not written before the page is judged: a fault that is not the records' own must not park them
        faults.set(change.externalId, { reason: plan.reason ?? { code: '', message: '' }, write });
        if (inARow < MOST_PARKED_IN_A_ROW) continue;
        throw systemic(source, `${inARow} records in a row cannot be taken`, faults);
      }
      if (plan.outcome === 'parked') await write();
      if (plan.after !== undefined) records.set(change.externalId, plan.after);
    }
    const share = faults.size / Math.max(read.changes.length, 1);
    if (faults.size >= FEWEST_PARKED_FOR_RATIO && share >= MOST_PARKED_RATIO) {
      throw systemic(source, `${faults.size} of the ${read.changes.length} records of a page cannot be taken`, faults);
    }
    for (const { write } of faults.values()) await write();
    const next: ActiveRun = {
      ...run,
      counts,
      parkedInARow: inARow,
      failures: 0,
      position: read.place.position,
      digest: read.place.digest,
      seen: run.seen + read.changes.filter(({ kind }) => kind === 'upsert').length,
    };
    // a full read has a position of its own
    const settled = isFull ? {} : { position: furtherOf(lane.position, read.place.position), trail: read.place.trail };
    await settle(slice, next, settled);
    return read.isEnd;
  };

  const context = ({ context: { signal } }: Slice): AbortSignal => signal;

  /**
   * Decides one change and writes it, in a transaction of its own.
   * @param known `fresh` reads the record first. A parked record is written by `write`, of a page; at once if fresh
   */
  const takeRecord = async (
    slice: Slice,
    arrived: Pick<ArrivedChange, 'change' | 'origin' | 'readAt' | 'stored'>,
    known: 'read' | 'fresh',
  ): Promise<{ readonly plan: Plan; readonly write: () => Promise<void> }> => {
    const { key, source, lane, run, seenBy, context: handling } = slice;
    const generation = run.mode === 'reconcile' ? lane.generation : undefined;
    let stored = known === 'fresh' ? await store.readRecord(key, arrived.change.externalId) : arrived.stored;
    for (let race = 1; ; race++) {
      const whole: ArrivedChange = {
        ...arrived,
        ...{ key, source, stored, generation, seenBy, signal: handling.signal, triedIn: triedInOf(run) },
      };
      let plan: Plan;
      try {
        plan = await planOf(deps, whole);
        const write = () => commit(slice, plan, arrived.change.externalId);
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
        const write = () => commit(slice, parked, arrived.change.externalId);
        if (known === 'fresh') await write();
        return { plan: parked, write };
      }
    }
  };

  const commit = async ({ event, run }: Slice, plan: Plan, externalId: string): Promise<void> => {
    const { collect } = plan;
    if (collect !== undefined) {
      await outbox.transact((tx: UnitOfWork) => collect(tx, run.runId), causedBy(event));
    }
    telemetry.recorded(plan, externalId);
  };

  /** Deletes what a finished full read did not see, each confirmed by the source. */
  const takeDeletes = async (slice: Slice): Promise<Step> => {
    const { key, detection, source, run, lane } = slice;
    const { deletes } = detection;
    if (deletes.kind !== 'reconcile') return 'end';
    const { maxCount = DEFAULT_MAX_DELETE_COUNT, maxRatio = DEFAULT_MAX_DELETE_RATIO } = deletes;
    if (run.approvedBy === undefined) {
      const missing = await countUnseen(slice, (count) => count > maxCount && count > maxRatio * (count + run.seen));
      if (missing > maxCount && missing > maxRatio * (missing + run.seen)) {
        await awaitApproval(slice, missing);
        return 'approval-due';
      }
    }
    const tried = new Set<string>();
    let after: string | undefined;
    do {
      const page = await store.unseen(key, lane.generation, after);
      for (const { externalId } of page.items) {
        if (tried.has(externalId)) continue;
        tried.add(externalId);
        const readAt = clock.now();
        const change = await currentOf(source, externalId, context(slice));
        if (change === undefined) continue;
        const { plan } = await takeRecord(slice, { change, origin: 'get', readAt, stored: undefined }, 'fresh');
        slice.run = { ...slice.run, counts: addCounts(slice.run.counts, countsOf(plan)) };
        if (isOver(slice)) return 'time-over';
      }
      after = page.next;
    } while (after !== undefined);
    return 'end';
  };

  const countUnseen = async ({ key, lane }: Slice, isEnough: (count: number) => boolean): Promise<number> => {
    let count = 0;
    let after: string | undefined;
    do {
      const page = await store.unseen(key, lane.generation, after);
      count += page.items.length;
      after = page.next;
    } while (after !== undefined && !isEnough(count));
    return count;
  };

  /** Ends the slice. The run goes on once somebody approves it. */
  const awaitApproval = async (slice: Slice, missing: number): Promise<void> => {
    const { key, lane, context: handling } = slice;
    const run: ActiveRun = { ...slice.run, status: 'awaiting-approval' };
    const message = `${missing} or more records are missing, of ${missing + run.seen}`;
    const record = recordOf(key, run, 'awaiting-approval', { code: 'SYNC_APPROVAL_DUE', message });
    const writes = store.within(handling.tx);
    writes.lane(key, lane, { ...lane, run, holder: undefined, heldUntil: clock.now() });
    writes.run(record);
    telemetry.approvalDue(record, missing);
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
      const key = laneKeyOf(definition.name, provider, laneOf(mode));
      const lane = await store.readLane(key);
      const { run } = lane;
      // received again: its slice has ended, or the run
      if (run?.runId === event.id && run.slice > 1) return;
      if (run === undefined && (await store.readRun(key, event.id)) !== undefined) return;
      if (run !== undefined && run.runId !== event.id) {
        telemetry.runSkipped(key, run.runId);
        // the other kind of a full read follows; a run of the same kind is under way
        if (run.mode !== mode) store.within(handling.tx).lane(key, lane, { ...lane, next: { mode, trigger, actor } });
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
      await start(key, lane, begun, event, handling);
    },

    async continued(event, handling) {
      const { provider, lane: name, runId, slice, approvedBy } = event.data;
      const key = laneKeyOf(definition.name, provider, name);
      const lane = await store.readLane(key);
      const { run } = lane;
      // it has ended, or was cancelled
      if (run === undefined || run.runId !== runId || run.slice !== slice) return;
      if (run.status === 'awaiting-approval' && approvedBy === undefined) return;
      await start(key, lane, { ...run, approvedBy: approvedBy ?? run.approvedBy }, event, handling);
    },
  };
}

const ENDED: readonly RunStatus[] = ['succeeded', 'partial', 'failed', 'cancelled'];

/** At the end of a run, records that wait for others are tried once more. */
const triedInOf = ({ runId, phase }: ActiveRun): string => (phase === 'references' ? `${runId}/references` : runId);

const laneKeyOf = (sync: string, provider: string, lane: SyncLane): LaneKey => ({ sync, provider, lane });

function systemic(
  { label }: ChangeSource,
  found: string,
  faults: ReadonlyMap<string, { readonly reason: ParkReason }>,
): SourceFailure {
  const [first] = faults.values();
  return new SourceFailure(new SyncSystemicError(label, found, `${first?.reason.code} ${first?.reason.message}`));
}

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

const countsOf = ({ outcome }: Plan): Partial<RunCounts> => {
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
