import type { EventKey } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { FailureFilter } from './failures.ts';

/** Why an event is left alone. */
export type NoOpReason =
  /** The message holds no event, so that the log does not have it. */
  | 'no-event'
  /** An older release noted the failure, and not the place of its event. */
  | 'place-unknown'
  /** Its message will be received again by itself. */
  | 'retried'
  /** It waits for something else, and is received again by itself. */
  | 'deferred'
  /** It was handled or skipped since. */
  | 'handled'
  /** Its group waits for an earlier event. */
  | 'behind'
  /** Its group is paused. */
  | 'paused'
  /** The log no longer has it. */
  | 'gone'
  /** The log has another event at its place. */
  | 'misplaced'
  /** The deployed consumer does not take its type. */
  | 'not-taken'
  /** Another run that has not ended has it. */
  | 'in-another-run';

/** What became of an event of a run. */
export type RedriveOutcome =
  /** It is not sent yet. */
  | 'open'
  /** It is being sent: if its driver dies now, it is sent again. */
  | 'sending'
  /** It was sent, and is neither handled nor has it failed since. */
  | 'waiting'
  | 'handled'
  /** Its handler or an operator skipped it. */
  | 'skipped'
  /** It has failed since it was sent. */
  | 'failed'
  | 'no-op';

/** What failures have in common; undefined members for failures that an older release noted. */
export interface FailureKind {
  readonly fingerprint: string | undefined;
  readonly code: string;
  readonly pattern: string | undefined;
}

/** An event of a run. */
export interface RedriveItem extends EventKey, FailureKind {
  /** The event's id. */
  readonly subject: string;
  readonly source: string;
  readonly type: string;
  /** Whether it blocked its group. */
  readonly holdsGroup: boolean;
  readonly outcome: RedriveOutcome;
  /** When it had failed last before it was sent; undefined if it is not sent, or had no note. */
  readonly failedBefore?: EpochMs | undefined;
  /** Of outcome `failed`. */
  readonly failure?: FailureKind | undefined;
  /** Of outcome `no-op`. */
  readonly noOp?: NoOpReason | undefined;
}

/** How a run goes about its events. */
export interface RedriveTerms {
  /** Sizes of the first stages, in events; the last stage has the rest. */
  readonly stages: readonly number[];
  readonly eventsPerSecond: number;
  /** The run stops when a larger share of a stage's events fails again with one fingerprint: from 0 up to but not including 1. */
  readonly maxFailedRatio: number;
  /** The run stops when none of the events that it waits for has been handled or has failed for so long. */
  readonly patienceMs: number;
}

export const DEFAULT_REDRIVE_TERMS: RedriveTerms = {
  stages: [1, 2, 5, 20, 100],
  eventsPerSecond: 10,
  maxFailedRatio: 0.1,
  patienceMs: 15 * 60_000,
};

/** Why a run has stopped before its end. */
export type RedriveStop =
  | { readonly kind: 'asked'; readonly by: string; readonly reason: string | undefined }
  /** `failed` of the `settled` events of the stage have failed again with this cause. */
  | ({ readonly kind: 'failing'; readonly failed: number; readonly settled: number } & FailureKind)
  /** None of `waiting` events has been handled or has failed for `patienceMs`. */
  | { readonly kind: 'unsettled'; readonly waiting: number };

/** What happened to a run, and who did it. */
export interface RunEntry {
  readonly what: 'started' | 'resumed' | 'stopped' | 'finished';
  readonly at: EpochMs;
  readonly by: string;
  readonly reason: string | undefined;
}

/** Numbers of events of a run. */
export interface RedriveTally {
  readonly outcomes: Readonly<Record<RedriveOutcome, number>>;
  /** By reason, of outcome `no-op`. */
  readonly noOps: Readonly<Partial<Record<NoOpReason, number>>>;
  /** The causes of outcome `failed`, the most frequent first. */
  readonly failures: readonly FailedAgain[];
}

interface FailedAgain extends FailureKind {
  readonly count: number;
  /** How many of them had failed with the same fingerprint before. */
  readonly asBefore: number;
}

/** Of the copies in the consumer's DLQ, once the run has ended. */
export type TidyResult =
  | { readonly kind: 'tidied'; readonly deleted: number; readonly left: number }
  | { readonly kind: 'failed'; readonly problem: string };

/** The record of a run. */
export interface RedriveRun {
  readonly id: string;
  readonly consumer: string;
  readonly filter: FailureFilter;
  readonly by: string;
  readonly reason: string;
  readonly at: EpochMs;
  readonly terms: RedriveTerms;
  readonly status: 'running' | 'stopped' | 'finished';
  /** Number of events that it has. */
  readonly total: number;
  /** What matched and is not part of the run. */
  readonly leftOut: Readonly<Partial<Record<NoOpReason, number>>>;
  /** From 0. */
  readonly stage: number;
  /** Number of events in the stages before it. */
  readonly stageFrom: number;
  readonly tally: RedriveTally;
  /** Of status `stopped`. */
  readonly stop?: RedriveStop | undefined;
  readonly tidied?: TidyResult | undefined;
  readonly history: readonly RunEntry[];
}

/** One past the last event of a stage. */
export const endOfStage = ({ stage, stageFrom, total, terms }: RedriveRun): number =>
  Math.min(stageFrom + (terms.stages[stage] ?? total), total);

/** The sizes of all stages of so many events. */
export function stageSizes(total: number, stages: readonly number[]): readonly number[] {
  const sizes: number[] = [];
  let left = total;
  for (const size of stages) {
    if (left === 0) return sizes;
    sizes.push(Math.min(size, left));
    left -= sizes.at(-1) ?? 0;
  }
  return left === 0 ? sizes : [...sizes, left];
}

const NONE: Readonly<Record<RedriveOutcome, number>> = {
  open: 0,
  sending: 0,
  waiting: 0,
  handled: 0,
  skipped: 0,
  failed: 0,
  'no-op': 0,
};

/** Counts the events of a run. */
export function tallyOf(items: Iterable<RedriveItem>): RedriveTally {
  const outcomes = { ...NONE };
  const noOps: Partial<Record<NoOpReason, number>> = {};
  const failures = new Map<string, FailedAgain>();
  for (const { outcome, noOp, failure, fingerprint } of items) {
    outcomes[outcome] += 1;
    if (outcome === 'no-op' && noOp !== undefined) noOps[noOp] = (noOps[noOp] ?? 0) + 1;
    if (outcome !== 'failed' || failure === undefined) continue;
    const key = failure.fingerprint ?? failure.code;
    const known = failures.get(key) ?? { ...failure, count: 0, asBefore: 0 };
    const isAsBefore = fingerprint !== undefined && failure.fingerprint === fingerprint;
    failures.set(key, { ...known, count: known.count + 1, asBefore: known.asBefore + (isAsBefore ? 1 : 0) });
  }
  return { outcomes, noOps, failures: [...failures.values()].toSorted((one, other) => other.count - one.count) };
}

/** So few events of a stage say nothing about the others of it. */
const LEAST_SETTLED = 20;

/**
 * Whether too many events of a stage have failed with one fingerprint, be it the one they had before or another.
 * @param items of the stage
 * @param isOver whether all of them have been handled or have failed; if not, a few failures stop nothing yet
 */
export function failingTooMuch(
  items: readonly RedriveItem[],
  maxFailedRatio: number,
  isOver: boolean,
): RedriveStop | undefined {
  const { outcomes, failures } = tallyOf(items);
  const settled = outcomes.handled + outcomes.skipped + outcomes.failed;
  const [most] = failures;
  if (most === undefined || (!isOver && settled < LEAST_SETTLED)) return undefined;
  if (most.count <= settled * maxFailedRatio) return undefined;
  const { fingerprint, code, pattern, count } = most;
  return { kind: 'failing', fingerprint, code, pattern, failed: count, settled };
}

/** Whether the run has ended, each of its events was handled or skipped, or needed nothing. */
export const hasHandledAll = ({ status, tally: { outcomes } }: RedriveRun): boolean =>
  status === 'finished' && outcomes.failed === 0 && outcomes.waiting === 0;
