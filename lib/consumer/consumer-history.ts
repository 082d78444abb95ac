import type { Ordering, StartFrom } from '../definitions/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { CLOCK_SKEW_MS } from './log-reader.ts';

/** The settings that determine how long the consumer knows that it has handled an event. */
export interface HandlingSettings {
  readonly ordering: Ordering;
  /** How long the inbox keeps a record. */
  readonly inboxExpirySeconds: number;
  /** How long a cursor without waiting events is kept after its last change; strict consumers only. */
  readonly cursorExpirySeconds: number;
}

/** A period under the same settings. It ends when the next one begins. */
export interface HandlingPeriod extends HandlingSettings {
  readonly from: EpochMs;
}

/** The settings under which a consumer has run since its first deployment. */
export interface ConsumerHistory {
  /** When its first queue was created. A replacement queue does not make the consumer new. */
  readonly startedAt: EpochMs;
  /** In order of time; the last one is current. */
  readonly periods: readonly HandlingPeriod[];
  /** Number of changes. */
  readonly revision: number;
}

/** Maximum number of periods. The two oldest are merged into one with the weaker settings of both. */
const MAX_PERIODS = 20;

/** Executions of the previous code have ended by then. */
const OVERLAP_MS = 3_600_000;

/** Adds a period if the settings have changed. Otherwise returns the same history. */
export function continueHistory(
  known: ConsumerHistory | undefined,
  settings: HandlingSettings,
  { createdAt, now }: { readonly createdAt: EpochMs; readonly now: EpochMs },
): ConsumerHistory {
  if (known === undefined) return { startedAt: createdAt, periods: [{ ...settings, from: createdAt }], revision: 1 };
  const last = known.periods.at(-1);
  if (last !== undefined && isSame(last, settings)) return known;
  const periods = [...known.periods, { ...settings, from: now }];
  return {
    ...known,
    periods: periods.length > MAX_PERIODS ? shortened(periods) : periods,
    revision: known.revision + 1,
  };
}

const isSame = (a: HandlingSettings, b: HandlingSettings): boolean =>
  a.ordering === b.ordering &&
  a.inboxExpirySeconds === b.inboxExpirySeconds &&
  a.cursorExpirySeconds === b.cursorExpirySeconds;

function shortened(periods: readonly HandlingPeriod[]): readonly HandlingPeriod[] {
  const oldest = periods.slice(0, 2);
  const least = (numberOf: (period: HandlingPeriod) => number) => Math.min(...oldest.map(numberOf));
  return [
    {
      from: least(({ from }) => from) as EpochMs,
      ordering: oldest.some(({ ordering }) => ordering === 'fifo') ? 'fifo' : 'strict',
      inboxExpirySeconds: least(({ inboxExpirySeconds }) => inboxExpirySeconds),
      cursorExpirySeconds: least(({ cursorExpirySeconds }) => cursorExpirySeconds),
    },
    ...periods.slice(2),
  ];
}

/** When the current strict period began; undefined if the consumer was never `fifo`. */
export function strictSince({ periods }: ConsumerHistory): EpochMs | undefined {
  const lastFifo = periods.findLastIndex(({ ordering }) => ordering === 'fifo');
  return lastFifo === -1 ? undefined : periods[lastFifo + 1]?.from;
}

/**
 * The latest commit time of an event that may have been handled in the last `fifo` period.
 * @param since when the consumer became `strict` after it
 */
export const fifoUntil = (since: EpochMs): EpochMs => addMs(since, OVERLAP_MS + CLOCK_SKEW_MS);

/** Earlier than any event. */
const NEVER = 0 as EpochMs;

/**
 * The latest commit time of an event that may have been handled although neither its group's cursor nor the inbox has a
 * record. A later event without a record was certainly not handled.
 *
 * An event is forgotten when its inbox record has expired and no cursor has it: either the consumer was `fifo`, or the
 * cursor has expired since its last change.
 *
 * @param cursorSince strict period of the cursor, which has no older events after it: only events handled without a
 * cursor since then are forgotten. @default - the group has no cursor
 */
export function forgottenUntil({ periods }: ConsumerHistory, now: EpochMs, cursorSince?: EpochMs): EpochMs {
  const spans = periods.map((period, index) => {
    const next = periods[index + 1];
    return { ...period, until: next === undefined ? now : Math.min(addMs(next.from, OVERLAP_MS), now) };
  });
  /** The last change of a cursor that may have expired by now. */
  const lostCursor = Math.max(
    NEVER,
    ...spans
      .filter(({ ordering }) => ordering === 'strict')
      .map(({ from, until, cursorExpirySeconds }) => within(from, until, now - cursorExpirySeconds * 1000)),
  );
  const forgotten = spans.map(({ ordering, from, until, inboxExpirySeconds }) => {
    const isUnkept = ordering === 'fifo';
    if (cursorSince !== undefined && (!isUnkept || from < cursorSince)) return NEVER;
    const last = Math.min(now - inboxExpirySeconds * 1000, isUnkept ? until : lostCursor);
    return within(from, until, last);
  });
  const until = Math.max(NEVER, ...forgotten);
  // an event's commit time may be later than the time at which it was handled, because clocks differ
  return until === NEVER ? NEVER : addMs(until as EpochMs, CLOCK_SKEW_MS);
}

/**
 * The same for events without a group. They have no cursor, so they are forgotten with their inbox record under either
 * ordering.
 */
export const forgottenAloneUntil = (history: ConsumerHistory, now: EpochMs): EpochMs =>
  forgottenUntil({ ...history, periods: history.periods.map((period) => ({ ...period, ordering: 'fifo' })) }, now);

/** How many retention times of the log a cursor is kept, so that it outlasts every event of its group. */
const CURSOR_EXPIRY_PER_RETENTION = 2;

/** @param outboxRetentionSeconds how long the log keeps an event */
export const cursorExpirySeconds = (outboxRetentionSeconds: number): number =>
  CURSOR_EXPIRY_PER_RETENTION * outboxRetentionSeconds;

/** Since when a strict consumer processes the events of a group that has no cursor. */
export function startInstantOf(startFrom: StartFrom, { startedAt }: Pick<ConsumerHistory, 'startedAt'>): EpochMs {
  if (startFrom === 'horizon') return NEVER;
  return startFrom === 'deployment' ? startedAt : (Date.parse(startFrom) as EpochMs);
}

/** Since when the consumer's records tell for certain whether an event was handled. */
export interface AccountableSince {
  /** For events of groups. */
  readonly grouped: EpochMs;
  /** For events without a group. */
  readonly alone: EpochMs;
  /**
   * For cursors: an event of a group that was handled after it has left a cursor. Undefined if `ordering` is 'fifo'.
   */
  readonly cursors: EpochMs | undefined;
}

/** @param startFrom undefined if `ordering` is 'fifo' */
export function accountableSince(
  history: ConsumerHistory,
  startFrom: StartFrom | undefined,
  now: EpochMs,
): AccountableSince {
  const start = startFrom === undefined ? history.startedAt : startInstantOf(startFrom, history);
  const after = (forgotten: EpochMs) => Math.max(start, forgotten + 1) as EpochMs;
  const alone = after(forgottenAloneUntil(history, now));
  if (startFrom === undefined) return { grouped: alone, alone, cursors: undefined };
  const since = strictSince(history);
  return {
    grouped: after(forgottenUntil(history, now)),
    alone,
    cursors: since === undefined ? start : addMs(fifoUntil(since), 1),
  };
}

/** The last instant of the span that is not after `last`; NEVER if the span had not begun. */
const within = (from: number, until: number, last: number): number => (last < from ? NEVER : Math.min(until, last));
