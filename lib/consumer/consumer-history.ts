import type { Ordering } from '../definitions/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { CLOCK_SKEW_MS } from './log-reader.ts';

/** What decides how long it is known that a consumer has handled an event. */
export interface HandlingSettings {
  readonly ordering: Ordering;
  /** How long the inbox keeps a record. */
  readonly inboxExpirySeconds: number;
  /** How long a cursor that waits for nothing is kept after its last change; strict consumers only. */
  readonly cursorExpirySeconds: number;
}

/** A time in which a consumer ran under the same settings: until the next one begins. */
export interface HandlingPeriod extends HandlingSettings {
  readonly from: EpochMs;
}

/** Under which settings a consumer has run since its first deployment. */
export interface ConsumerHistory {
  /** When its first queue was created: a queue that takes its place does not make the consumer new. */
  readonly startedAt: EpochMs;
  /** In the order of time; the last one goes on. */
  readonly periods: readonly HandlingPeriod[];
  /** Counts the changes. */
  readonly revision: number;
}

/** More are told apart no longer: the oldest become one, which is trusted with as little as any of them. */
const MAX_PERIODS = 20;

/** Executions of the code before a deployment are over by then. */
const OVERLAP_MS = 3_600_000;

/** The history once the consumer runs under these settings; the same one when it did already. */
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

/** Since when the consumer keeps order without a break; undefined where it has never been `fifo`. */
export function strictSince({ periods }: ConsumerHistory): EpochMs | undefined {
  const lastFifo = periods.findLastIndex(({ ordering }) => ordering === 'fifo');
  return lastFifo === -1 ? undefined : periods[lastFifo + 1]?.from;
}

/**
 * Until when an event may have been committed that was handled while the consumer was `fifo` last.
 * @param since when it became `strict` after that
 */
export const fifoUntil = (since: EpochMs): EpochMs => addMs(since, OVERLAP_MS + CLOCK_SKEW_MS);

/** Nothing is older. */
const NEVER = 0 as EpochMs;

/**
 * Until when an event may have been committed that was handled, though neither its group's cursor nor the inbox says so.
 * Of a later one without a record it is certain that it was not handled.
 *
 * An event that was handled at an instant is forgotten when the inbox record of that instant has expired, and the cursor
 * is gone: it was kept by no cursor, at a `fifo` consumer; or the cursor's last change, then or later, is as long ago as
 * a cursor was kept at that time.
 *
 * @param cursorSince of a cursor behind which nothing lies that is older than the strict time which began then: only
 * what was handled without cursors since is forgotten. @default - the group has no cursor
 */
export function forgottenUntil({ periods }: ConsumerHistory, now: EpochMs, cursorSince?: EpochMs): EpochMs {
  const spans = periods.map((period, index) => {
    const next = periods[index + 1];
    return { ...period, until: next === undefined ? now : Math.min(addMs(next.from, OVERLAP_MS), now) };
  });
  /** The last change of a cursor that can be gone by now. */
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
  // an event's commit time may be ahead of the time at which it was handled
  return until === NEVER ? NEVER : addMs(until as EpochMs, CLOCK_SKEW_MS);
}

/**
 * The same of events that stand alone, which no cursor vouches for: they are forgotten with their inbox record, under
 * either ordering.
 */
export const forgottenAloneUntil = (history: ConsumerHistory, now: EpochMs): EpochMs =>
  forgottenUntil({ ...history, periods: history.periods.map((period) => ({ ...period, ordering: 'fifo' })) }, now);

/** The last instant of the span that is not after `last`; NEVER when it had not begun. */
const within = (from: number, until: number, last: number): number => (last < from ? NEVER : Math.min(until, last));
