import type { GroupPause } from '../consumer/index.ts';
import { toTimestamp } from '../shared/time.ts';
import type { FailureFilter } from './failures.ts';
import type { ConsumerPauseStore } from './ports.ts';
import {
  type DriveOptions,
  type DriveResult,
  driveRedrive,
  endRedrive,
  leaseUntil,
  type RedriveDriverDeps,
} from './redrive-driver.ts';
import type { RedriveSnapshot } from './redrive-plan.ts';
import { type RedriveItem, type RedriveRun, type RedriveTerms, type RunEntry, tallyOf } from './redrive-run.ts';
import type { ActiveRuns, RedriveRuns, RunDriver, RunLease } from './redrive-runs.ts';

export interface RedriveDeps extends RedriveDriverDeps {
  /** Of the whole consumer. */
  readonly pause: Pick<ConsumerPauseStore, 'find'>;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

export interface RedriveRequest {
  readonly filter: FailureFilter;
  readonly terms: RedriveTerms;
  /** The operator. */
  readonly by: string;
  readonly reason: string;
}

export type StartResult =
  | { readonly kind: 'started'; readonly run: RedriveRun }
  /** Nothing can go. No run was made. */
  | { readonly kind: 'nothing'; readonly leftOut: RedriveRun['leftOut'] }
  /** The whole consumer is paused, so that no event would be handled. No run was made. */
  | { readonly kind: 'paused'; readonly pause: GroupPause }
  /** Other runs of the consumer began or ended at every attempt. No run was made. */
  | { readonly kind: 'contended' };

/** Maximum number of attempts. Only other runs of the same consumer refuse one. */
const MAX_ATTEMPTS = 10;
const LONGEST_RETRY_MS = 500;

/**
 * Makes a run of what a snapshot has. Nothing is sent before `resumeRedrive`. Events of another run that has not ended are
 * left out: two runs never send the same event.
 */
export async function startRedrive(
  deps: RedriveDeps,
  { items, noOps }: Pick<RedriveSnapshot, 'items' | 'noOps'>,
  request: RedriveRequest,
): Promise<StartResult> {
  const { consumer, runs, sleep, random } = deps;
  const pause = await deps.pause.find();
  if (pause !== undefined) return { kind: 'paused', pause };
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const active = await runs.active(consumer);
    const taken = await subjectsOf(runs, active.ids);
    const own = items.filter(({ subject }) => !taken.has(subject));
    const elsewhere = items.length - own.length;
    const leftOut = elsewhere === 0 ? noOps : { ...noOps, 'in-another-run': elsewhere };
    if (own.length === 0) return { kind: 'nothing', leftOut };
    const run = newRun(deps, request, own, leftOut);
    if ((await runs.create(run, own, active)) === 'created') return { kind: 'started', run };
    await sleep(random() * LONGEST_RETRY_MS);
  }
  return { kind: 'contended' };
}

/** What runs have that is not settled. */
async function subjectsOf(runs: RedriveRuns, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const chunks = await Promise.all(ids.map((id) => runs.items(id)));
  return new Set(
    chunks
      .flat(2)
      .filter(({ outcome }) => outcome === 'open' || outcome === 'sending' || outcome === 'waiting')
      .map(({ subject }) => subject),
  );
}

function newRun(
  { consumer, clock, random }: RedriveDeps,
  { filter, terms, by, reason }: RedriveRequest,
  items: readonly RedriveItem[],
  leftOut: RedriveRun['leftOut'],
): RedriveRun {
  const at = clock.now();
  return {
    id: newRunId(at, random),
    consumer,
    filter,
    by,
    reason,
    at,
    terms,
    status: 'running',
    total: items.length,
    leftOut,
    stage: 0,
    stageFrom: 0,
    tally: tallyOf(items),
    history: [{ what: 'started', at, by, reason }],
  };
}

/** Without letters that look like digits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz';

/** `20261120-060000-kfxr`: ids sort by time. */
function newRunId(at: RedriveRun['at'], random: () => number): string {
  const time = toTimestamp(at).slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const mark = Array.from({ length: 4 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
  return `${time}-${mark}`;
}

export type ResumeRedriveResult =
  | DriveResult
  /** There is no run with this id, or it was made so long ago that its record has expired. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'over'; readonly run: RedriveRun }
  /** Somebody else drives it. */
  | { readonly kind: 'driven'; readonly driver: RunDriver }
  /** Other runs of the consumer began or ended at every attempt. */
  | { readonly kind: 'contended' };

/** Who resumes a run, and why; undefined when the run was only just started. */
export type ResumeNote = Pick<RunEntry, 'by' | 'reason'> | undefined;

/**
 * Drives a run until it ends: one that was only just started, that lost its driver, or that has stopped. A run that had
 * stopped begins again with its first, smallest stages, and leaves out what another run has by now.
 */
export async function resumeRedrive(
  deps: RedriveDeps,
  id: string,
  note: ResumeNote,
  options: DriveOptions,
): Promise<ResumeRedriveResult> {
  const { runs, clock, sleep, random } = deps;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const stored = await runs.find(id);
    if (stored === undefined) return { kind: 'unknown' };
    if (stored.run.status === 'finished') return { kind: 'over', run: stored.run };
    const entry = note && { what: 'resumed' as const, at: clock.now(), ...note };
    const run = { ...stored.run, history: [...stored.run.history, ...(entry === undefined ? [] : [entry])] };
    const taken = await take(deps, run, options.driver);
    if (typeof taken === 'object') return driveRedrive(deps, taken.lease, taken.run, options, taken.elsewhere);
    if (taken === 'driven') {
      const { driver = { name: '(unknown)', until: clock.now() } } = (await runs.find(id)) ?? {};
      return { kind: 'driven', driver };
    }
    await sleep(random() * LONGEST_RETRY_MS);
  }
  return { kind: 'contended' };
}

interface TakenRun {
  readonly lease: RunLease;
  readonly run: RedriveRun;
  /** What another run has by now. */
  readonly elsewhere: ReadonlySet<string>;
}

async function take(deps: RedriveDeps, run: RedriveRun, driver: string): Promise<TakenRun | 'driven' | 'conflict'> {
  const { runs, clock } = deps;
  const now = clock.now();
  const by = { name: driver, until: leaseUntil(now) };
  if (run.status === 'running') {
    const lease = await runs.take(run, by, now);
    return typeof lease === 'object' ? { lease, run, elsewhere: new Set() } : lease;
  }
  const active: ActiveRuns = await runs.active(run.consumer);
  const elsewhere = await subjectsOf(
    runs,
    active.ids.filter((id) => id !== run.id),
  );
  const items = (await runs.items(run.id)).flat();
  const firstOpen = items.findIndex(({ outcome }) => outcome === 'open' || outcome === 'sending');
  const { stop: _, tidied: __, ...rest } = run;
  const again: RedriveRun = {
    ...rest,
    status: 'running',
    stage: 0,
    stageFrom: firstOpen === -1 ? run.total : firstOpen,
  };
  const lease = await runs.take(again, by, now, active);
  return typeof lease === 'object' ? { lease, run: again, elsewhere } : lease;
}

export type StopResult =
  /** Its driver stops it within seconds. */
  | { readonly kind: 'requested'; readonly driver: RunDriver }
  /** Nobody drove it. */
  | { readonly kind: 'stopped'; readonly run: RedriveRun }
  | { readonly kind: 'unknown' }
  /** It had ended before. */
  | { readonly kind: 'over'; readonly run: RedriveRun };

/** Stops a run. What was sent stays sent; `resumeRedrive` continues with the rest. */
export async function stopRedrive(
  deps: RedriveDeps,
  id: string,
  { by, reason }: Pick<RunEntry, 'by' | 'reason'>,
): Promise<StopResult> {
  const { runs, clock } = deps;
  for (;;) {
    const stored = await runs.find(id);
    if (stored === undefined) return { kind: 'unknown' };
    if (stored.run.status !== 'running') return { kind: 'over', run: stored.run };
    const now = clock.now();
    if (stored.driver !== undefined && stored.driver.until >= now) {
      const request = { by, reason, at: now };
      if ((await runs.requestStop(id, request)) === 'requested') return { kind: 'requested', driver: stored.driver };
      continue;
    }
    const lease = await runs.take(stored.run, { name: by, until: leaseUntil(now) }, now);
    if (typeof lease !== 'object') continue;
    const ended = await endRedrive(deps, lease, stored.run, { kind: 'asked', by, reason }, by);
    if (ended.kind === 'ended') return { kind: 'stopped', run: ended.run };
  }
}
