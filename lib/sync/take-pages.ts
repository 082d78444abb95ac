import { lagAndOverlapOf } from '../definitions/index.ts';
import { addMs, type EpochMs, toTimestamp } from '../shared/time.ts';
import { askSource, SourceFailure } from './calls.ts';
import type { ParkReason } from './decide.ts';
import { SyncSourceError, SyncSystemicError, SyncTruncatedError } from './errors.ts';
import type { ChangePage, ChangeSource } from './ports.ts';
import { furtherOf, readPage, startOf } from './read-page.ts';
import { isOver, type RunnerDeps, type Slice, type Step, settle } from './slice.ts';
import { type ActiveRun, addCounts, type RunCounts } from './state.ts';
import { countsOf, takeRecord } from './take-record.ts';
import { REFERENCE_MISSING } from './translate.ts';

/** Faults in a row, or a share of a page, that are not the records' own. */
const MOST_PARKED_IN_A_ROW = 10;
const MOST_PARKED_RATIO = 0.2;
/** In a page of few records, one is a large share. */
const FEWEST_PARKED_FOR_RATIO = 5;

/** Takes the pages of a run, from where it is. */
export const takePages = async (deps: RunnerDeps, slice: Slice): Promise<Step> => {
  const { key, source, context } = slice;
  const isFull = key.scope === 'full';
  if (slice.run.position === undefined && slice.run.digest === undefined) await beginRead(deps, slice);
  const request = { after: slice.run.position, until: slice.run.until, signal: context.signal };
  const pages = await askSource(async () => {
    const all = isFull && source.enumerate !== undefined ? source.enumerate(request) : source.pages(request);
    return all[Symbol.asyncIterator]();
  });
  try {
    for (;;) {
      const readAt = deps.clock.now();
      const result = await askSource(() => pages.next());
      if (result.done === true) throw new SourceFailure(new SyncTruncatedError(source.label));
      const page: ChangePage = result.value;
      const isEnd = await takePage(deps, slice, page, readAt);
      if (isEnd) return 'references';
      if (isOver(deps, slice)) return 'time-over';
    }
  } finally {
    await pages.return?.().catch(() => undefined);
  }
};

/** Fixes up to when a run reads, by the provider's own time, and where an increment begins. */
const beginRead = async ({ clock }: RunnerDeps, slice: Slice): Promise<void> => {
  const { key, detection, source, context } = slice;
  const isFull = key.scope === 'full';
  if (isFull || detection.cursor.kind === 'opaque') {
    slice.run = { ...slice.run, position: isFull ? undefined : slice.scope.position };
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
  slice.run = { ...slice.run, until, position: startOf(detection, slice.scope) };
};

/** @returns whether it was the last one */
const takePage = async (deps: RunnerDeps, slice: Slice, page: ChangePage, readAt: EpochMs): Promise<boolean> => {
  const { key, detection, source, run, scope } = slice;
  const isFull = key.scope === 'full';
  const place = { position: run.position, trail: scope.trail, digest: run.digest };
  const read = await askSource(async () =>
    readPage(page, { label: source.label, detection, place, until: run.until, isFull }),
  );
  const records = new Map(
    await deps.store.readRecords(
      key,
      read.changes.map(({ externalId }) => externalId),
    ),
  );
  const faults = new Map<string, { readonly reason: ParkReason; readonly write: () => Promise<void> }>();
  let counts: RunCounts = addCounts(run.counts, { tooFresh: read.tooFresh });
  let inARow = run.parkedInARow;
  for (const change of read.changes) {
    slice.context.signal.throwIfAborted();
    const arrived = { change, origin: 'poll' as const, readAt, stored: records.get(change.externalId) };
    const { plan, write } = await takeRecord(deps, slice, arrived, 'read');
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
  const settled = isFull ? {} : { position: furtherOf(scope.position, read.place.position), trail: read.place.trail };
  await settle(deps, slice, next, settled);
  return read.isEnd;
};

function systemic(
  { label }: ChangeSource,
  found: string,
  faults: ReadonlyMap<string, { readonly reason: ParkReason }>,
): SourceFailure {
  const [first] = faults.values();
  return new SourceFailure(new SyncSystemicError(label, found, `${first?.reason.code} ${first?.reason.message}`));
}
