import type { EventKey, OutboxLog, PendingTable } from '../outbox/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import {
  createReconciliation,
  type Finding,
  type ReconcileDeps,
  type ReconcileOptions,
  type ReconcileTally,
  type WalkPosition,
} from './reconcile.ts';

/** A finding as it is stored: without a cursor, which changes. */
export interface StoredFinding extends Omit<Finding, 'cursor'> {
  /** Of the pass that found it last. */
  readonly pass: number;
  readonly at: EpochMs;
  /** The part of the log; `PENDING_PART` for what is wrong with the pending table. */
  readonly segment: number;
}

/** A part of the log, when it was reconciled last. */
export interface ReconciledPart {
  /** Undefined before its first time. */
  readonly at: EpochMs | undefined;
  /** What was found then. */
  readonly findings: number;
}

/** A pass over the whole log, part by part. */
export interface ReconcilePass {
  readonly pass: number;
  readonly startedAt: EpochMs;
  /** Undefined while it runs. */
  readonly finishedAt: EpochMs | undefined;
  /** Where it continues; undefined at its end. */
  readonly position: WalkPosition | undefined;
  /** In the order of the log, and the pending table as the last one. */
  readonly parts: readonly ReconciledPart[];
  readonly tally: ReconcileTally;
  /** When the first pass began. */
  readonly since: EpochMs;
  /** Until then a run works on it; earlier than now if none does. */
  readonly heldUntil: EpochMs;
  /** Number of changes. 0: not stored yet. */
  readonly revision: number;
}

/** Stores the pass and what it found. */
export interface ReconcileStore {
  pass(): Promise<ReconcilePass | undefined>;
  /**
   * Replaces the pass, and the findings if they are given.
   * @returns 'conflict' if the stored revision is not `current` any more; nothing is written then
   */
  save(
    current: number,
    pass: Omit<ReconcilePass, 'revision'>,
    findings: readonly StoredFinding[] | undefined,
  ): Promise<'saved' | 'conflict'>;
  findings(): Promise<readonly StoredFinding[]>;
}

export interface ReconcileRunDeps extends Omit<ReconcileDeps, 'consumers'> {
  readonly store: ReconcileStore;
  /** Read once, when the run begins. */
  readonly consumers: () => Promise<ReconcileDeps['consumers']>;
  readonly pending: PendingTable;
  readonly outboxLog: OutboxLog;
  signalAfter(ms: number): AbortSignal;
}

export interface ReconcileRunOptions extends Omit<ReconcileOptions, 'waiting' | 'checkLog'> {
  /**
   * How far to go. `due`: as far as a pass must be by now to last `passMs`. `end`: to the end of the pass. `whole`: a new
   * pass from the beginning to the end.
   */
  readonly until: 'due' | 'end' | 'whole';
  /** How long a pass may take: each event is reconciled once in that time. */
  readonly passMs: number;
  /** Ends the run early, at a place from which the next one continues. */
  readonly endsAt: EpochMs;
  readonly onProgress?: ((pass: Omit<ReconcilePass, 'revision'>) => void) | undefined;
}

export type ReconcileRunReport =
  /** Another run works on the pass. Nothing was done. */
  | { readonly kind: 'busy'; readonly until: EpochMs }
  /** Another run took over while this one was interrupted. What this one did since its last save is done again. */
  | { readonly kind: 'overtaken' }
  | {
      readonly kind: 'done';
      readonly pass: Omit<ReconcilePass, 'revision'>;
      readonly findings: readonly StoredFinding[];
    };

/** What the scheduled reconciler and the command do unless they are told otherwise. */
export const DEFAULT_RECONCILE = {
  /** Younger events count as under way. */
  graceMs: 15 * 60_000,
  /** SQS needs a minute for its counts. */
  confirmAfterMs: 75_000,
  /** Of all tables together. */
  readUnitsPerSecond: 500,
} as const;

/** Parts of a pass: with a run every 15 minutes, one part per run makes a pass of a day. */
const RECONCILE_PARTS = 96;

/** The part that is the pending table: the one after the parts of the log. */
export const PENDING_PART = 96;

/** More findings than an operator reads; the counts go on. */
const MAX_STORED_FINDINGS = 200;

/** How long a run holds the pass after each save. A killed run is continued after that. */
const HOLD_MS = 120_000;

/** Saves cost a write; a killed run repeats what it did since the last one. */
const SAVE_EVERY_MS = 20_000;

const NO_TALLY: Pick<ReconcileTally, 'items' | 'readUnits' | 'groups' | 'findings'> = {
  items: 0,
  readUnits: 0,
  groups: 0,
  findings: 0,
};

/**
 * Continues the stored pass over the log, or begins the next one, and stores how far it came and what it found. Any run can
 * be killed at any moment: the next one continues from the last save.
 */
export async function runReconciliation(
  deps: ReconcileRunDeps,
  options: ReconcileRunOptions,
): Promise<ReconcileRunReport> {
  const { store, clock } = deps;
  const stored = await store.pass();
  const startedAt = clock.now();
  if (stored !== undefined && stored.heldUntil > startedAt) return { kind: 'busy', until: stored.heldUntil };
  const isNew =
    stored === undefined ||
    options.until === 'whole' ||
    (stored.position === undefined &&
      (options.until === 'end' || startedAt >= addMs(stored.startedAt, options.passMs)));
  let pass: Omit<ReconcilePass, 'revision'> = isNew ? nextPass(stored, startedAt) : stored;
  let revision = stored?.revision ?? 0;
  let findings = [...(await store.findings())];
  let hasNew = false;

  const save = async (held: boolean): Promise<boolean> => {
    const heldUntil = held ? addMs(clock.now(), HOLD_MS) : (0 as EpochMs);
    pass = { ...pass, heldUntil };
    if ((await store.save(revision, pass, hasNew ? findings : undefined)) === 'conflict') return false;
    revision += 1;
    hasNew = false;
    options.onProgress?.(pass);
    return true;
  };
  const add = (found: readonly Finding[], segment: number): void => {
    if (found.length === 0) return;
    const at = clock.now();
    const added = found.map(({ cursor: _, ...finding }) => ({ ...finding, segment, at, pass: pass.pass }));
    findings = [...findings.filter((each) => !added.some((other) => isSame(each, other))), ...added].slice(
      -MAX_STORED_FINDINGS,
    );
    hasNew = true;
  };
  /** Forgets what an earlier pass found in a part and this one did not. */
  const close = (segment: number, count: number): void => {
    const kept = findings.filter((each) => each.segment !== segment || each.pass === pass.pass);
    hasNew ||= kept.length < findings.length;
    findings = kept;
    pass = { ...pass, parts: pass.parts.with(segment, { at: clock.now(), findings: count }) };
  };

  if (!(await save(true))) return { kind: 'overtaken' };
  const before = pass.tally;
  const reconciliation = createReconciliation({ ...deps, consumers: await deps.consumers() }, options);
  const tallied = (): ReconcileTally => sumOf(before, reconciliation.tally());
  let savedAt = clock.now();
  let inPart = pass.position === undefined ? 0 : foundIn(pass.position.segment);
  const confirm = async (segment: number): Promise<void> => {
    if (!reconciliation.hasSuspects()) return;
    const found = await reconciliation.confirm();
    inPart += found.length;
    add(found, segment);
  };

  if (isNew) {
    const lost = await lostMarkers(deps, options);
    add(lost, PENDING_PART);
    close(PENDING_PART, lost.length);
  }
  while (pass.position !== undefined && isDue(pass, clock.now(), options)) {
    const { position } = pass;
    const { segment, segments } = position;
    const next = await reconciliation.step(position);
    const isOver = clock.now() >= options.endsAt;
    const mustSave = isOver || next === undefined || clock.now() >= addMs(savedAt, SAVE_EVERY_MS);
    // what a save passes over is not looked at again in this pass
    if (mustSave || reconciliation.isFull()) await confirm(segment);
    pass = { ...pass, position: next, tally: tallied() };
    if (next === undefined) {
      close(segment, inPart);
      inPart = 0;
      const isLast = segment + 1 === segments;
      pass = { ...pass, position: isLast ? undefined : { segment: segment + 1, segments } };
      if (isLast) pass = { ...pass, finishedAt: clock.now() };
    }
    if (reconciliation.hasSuspects() || !mustSave) continue;
    if (next !== undefined || isOver || clock.now() >= addMs(savedAt, SAVE_EVERY_MS)) {
      if (!(await save(true))) return { kind: 'overtaken' };
      savedAt = clock.now();
    }
    if (isOver) break;
  }
  if (!(await save(false))) return { kind: 'overtaken' };
  return { kind: 'done', pass, findings };

  /** What this pass has found in a part before it was interrupted. */
  function foundIn(segment: number): number {
    return findings.filter((each) => each.segment === segment && each.pass === pass.pass).length;
  }
}

const nextPass = (last: ReconcilePass | undefined, now: EpochMs): Omit<ReconcilePass, 'revision'> => ({
  pass: (last?.pass ?? 0) + 1,
  startedAt: now,
  finishedAt: undefined,
  position: { segment: 0, segments: RECONCILE_PARTS },
  parts: last?.parts ?? Array.from({ length: RECONCILE_PARTS + 1 }, () => ({ at: undefined, findings: 0 })),
  tally: { ...NO_TALLY, standings: {} as ReconcileTally['standings'] },
  since: last?.since ?? now,
  heldUntil: now,
});

/** Whether a pass that lasts `passMs` has to be further by now. */
function isDue(
  { position, startedAt }: Pick<ReconcilePass, 'position' | 'startedAt'>,
  now: EpochMs,
  { until, passMs }: ReconcileRunOptions,
): boolean {
  if (until !== 'due' || position === undefined) return true;
  return now >= addMs(startedAt, (position.segment / position.segments) * passMs);
}

const sumOf = (a: ReconcileTally, b: ReconcileTally): ReconcileTally => ({
  items: a.items + b.items,
  readUnits: a.readUnits + b.readUnits,
  groups: a.groups + b.groups,
  findings: a.findings + b.findings,
  standings: Object.fromEntries(
    Object.entries(b.standings).map(([standing, count]) => [
      standing,
      count + (a.standings[standing as keyof ReconcileTally['standings']] ?? 0),
    ]),
  ) as ReconcileTally['standings'],
});

const isSame = (a: StoredFinding, b: StoredFinding): boolean =>
  a.kind === b.kind && a.consumer === b.consumer && a.group === b.group && a.from === b.from;

/** The number of findings of each part's last time. */
export const openFindings = ({ parts }: Pick<ReconcilePass, 'parts'>): number =>
  parts.reduce((sum, { findings }) => sum + findings, 0);

/** The age of the reconciliation that is the longest ago. A part that was never reconciled counts from the first pass. */
export const oldestReconciledMs = ({ parts, since }: Pick<ReconcilePass, 'parts' | 'since'>, now: EpochMs): number =>
  Math.max(0, ...parts.map(({ at }) => now - (at ?? since)));

/** Markers per read of the log. */
const MARKERS_PER_READ = 100;

/** Long enough for a pending table that holds an outage of hours. */
const MARKERS_MS = 120_000;

/** Pending markers whose event the log does not have: no relay can publish it. */
async function lostMarkers(
  { pending, outboxLog, clock, signalAfter }: Pick<ReconcileRunDeps, 'pending' | 'outboxLog' | 'clock' | 'signalAfter'>,
  { graceMs }: Pick<ReconcileOptions, 'graceMs'>,
): Promise<readonly Finding[]> {
  const youngerThan = addMs(clock.now(), -graceMs);
  const signal = signalAfter(MARKERS_MS);
  const lost: Finding[] = [];
  const look = async (markers: readonly EventKey[]): Promise<void> => {
    if (markers.length === 0) return;
    const entries = await outboxLog.read(markers, signal);
    for (const [at, { group, sequence }] of markers.entries()) {
      if (entries[at]?.status !== 'gone') continue;
      const about = { group, from: sequence, to: sequence, events: 1 };
      lost.push({ kind: 'event-gone', consumer: undefined, ...about, event: undefined, cursor: undefined });
    }
  };
  for await (const page of pending.pages(signal)) {
    const old = page.filter(({ committedAt }) => committedAt <= youngerThan);
    for (let start = 0; start < old.length; start += MARKERS_PER_READ) {
      await look(old.slice(start, start + MARKERS_PER_READ));
    }
  }
  return lost;
}
