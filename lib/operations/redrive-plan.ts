import type { Failure, FailureFilter } from './failures.ts';
import { listFailures } from './failures.ts';
import { usdOf } from './prices.ts';
import { assess, READ_TOGETHER, type RedriveEventsDeps } from './redrive-events.ts';
import { type FailureKind, type NoOpReason, type RedriveItem, type RedriveTerms, stageSizes } from './redrive-run.ts';

/** Events of one run. What is beyond them needs another run. */
export const MAX_REDRIVEN = 100_000;

/** What matched a filter at one moment. */
export interface RedriveSnapshot {
  /** What can go, the oldest failure first. */
  readonly items: readonly RedriveItem[];
  readonly noOps: Readonly<Partial<Record<NoOpReason, number>>>;
  /** Later places of their groups, which follow by themselves. */
  readonly behind: number;
  /** Whether there is more than `MAX_REDRIVEN`. */
  readonly isCut: boolean;
}

export interface RedrivePlan {
  readonly consumer: string;
  readonly matched: number;
  readonly canGo: number;
  readonly noOps: RedriveSnapshot['noOps'];
  readonly behind: number;
  readonly isCut: boolean;
  /** The causes of what can go, the most frequent first. */
  readonly kinds: readonly (FailureKind & { readonly count: number })[];
  /** Sizes of the stages. */
  readonly stages: readonly number[];
  /** How long sending takes at least; the handlers' time comes on top, once per stage. */
  readonly sendingMs: number;
  /** About how much the run costs, if each event is handled at its first attempt. */
  readonly usd: number;
}

/** Says what a redrive would do. Changes nothing, and receives no message. */
export async function planRedrive(
  deps: RedriveEventsDeps,
  filter: FailureFilter,
  terms: Pick<RedriveTerms, 'stages' | 'eventsPerSecond'>,
  progress: (events: number) => void = () => undefined,
): Promise<RedrivePlan> {
  return planOf(deps.consumer, await snapshot(deps, filter, progress), terms);
}

/** Takes the failures that match, and says which of them can go. */
export async function snapshot(
  deps: RedriveEventsDeps,
  filter: FailureFilter,
  progress: (events: number) => void = () => undefined,
): Promise<RedriveSnapshot> {
  const found: { readonly item: RedriveItem; readonly failure: Failure }[] = [];
  const noOps: Partial<Record<NoOpReason, number>> = {};
  const leave = (reason: NoOpReason) => {
    noOps[reason] = (noOps[reason] ?? 0) + 1;
  };
  let behind = 0;
  let isCut = false;
  for await (const page of listFailures(deps, filter)) {
    const placed = page.flatMap((failure) => {
      const item = itemOf(failure);
      if (typeof item === 'object') return [{ item, failure }];
      leave(item);
      return [];
    });
    for (let start = 0; start < placed.length && !isCut; start += READ_TOGETHER) {
      const some = placed.slice(start, start + READ_TOGETHER);
      const assessed = await assess(
        deps,
        some.map(({ item }) => item),
        filter.state,
      );
      for (const [at, { item, noOp }] of assessed.entries()) {
        const failure = some[at]?.failure;
        if (noOp !== undefined || failure === undefined) leave(noOp ?? 'gone');
        else if (found.length === MAX_REDRIVEN) isCut = true;
        else {
          found.push({ item, failure });
          behind += failure.behind;
        }
      }
      progress(found.length);
    }
    if (isCut) break;
  }
  const items = found
    .toSorted((one, other) => one.failure.firstAt - other.failure.firstAt)
    .map(({ item }) => ({ ...item, failedBefore: undefined }));
  return { items, noOps, behind, isCut };
}

function itemOf({ subject, event, fingerprint, code, pattern, holdsGroup }: Failure): RedriveItem | NoOpReason {
  if (event === undefined) return /^(message|unreadable):/.test(subject) ? 'no-event' : 'place-unknown';
  return { subject, ...event, fingerprint, code, pattern, holdsGroup, outcome: 'open' };
}

export function planOf(
  consumer: string,
  { items, noOps, behind, isCut }: RedriveSnapshot,
  { stages, eventsPerSecond }: Pick<RedriveTerms, 'stages' | 'eventsPerSecond'>,
): RedrivePlan {
  const leftOut = Object.values(noOps).reduce((sum, count) => sum + count, 0);
  const kinds = new Map<string, FailureKind & { count: number }>();
  for (const { fingerprint, code, pattern } of items) {
    const key = fingerprint ?? code;
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { fingerprint, code, pattern, count: 1 });
    else known.count += 1;
  }
  return {
    consumer,
    matched: items.length + leftOut,
    canGo: items.length,
    noOps,
    behind,
    isCut,
    kinds: [...kinds.values()].toSorted((one, other) => other.count - one.count),
    stages: stageSizes(items.length, stages),
    sendingMs: Math.round((items.length / eventsPerSecond) * 1_000),
    usd: costOf(items.length),
  };
}

/**
 * Per event: reads of the log, the cursor, the inbox and the note before and after (7 units), its part of the run's record
 * (4 units), a message that is sent, received and deleted, the handler's commit with inbox and cursor (6 units), and a short
 * invocation of 512 MB.
 */
const costOf = (events: number): number =>
  usdOf('dynamoDbReadUnit', 7 * events) +
  usdOf('dynamoDbWriteUnit', 10 * events) +
  usdOf('sqsFifoRequest', 3 * events) +
  usdOf('lambdaRequest', events) +
  usdOf('lambdaGigabyteSecond', 0.05 * events);
