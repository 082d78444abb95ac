import type { Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochMs, type EpochSeconds } from '../shared/time.ts';
import { LogHoleError } from './errors.ts';
import type { EventLog, LogEntry, LoggedEvent, LogPlace, MissingPlaces } from './ports.ts';

export interface ContiguousLogDeps {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** What stands next in a group's log. */
export type LogRun =
  /** Entries without a hole, beginning at the place asked for. */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** Retention has certainly taken these places. */
  | { readonly kind: 'expired'; readonly places: MissingPlaces };

/** Waits before a hole is read again: a Query that ran beside a transaction sees all of it a moment later. */
export const REREAD_AFTER_MS = [20, 100, 300];

/**
 * Reads what stands behind `after`, up to `upTo`. Sequences are contiguous, but a Query is no snapshot of a transaction,
 * and retention takes events: a hole is read again before it counts as one.
 * @param upTo the places up to there are known to have been used
 * @param page what was just read from there
 * @throws LogHoleError `LOG_HOLE` when the log must hold the place behind `after`, and does not show it
 */
export async function readRun(
  deps: ContiguousLogDeps,
  group: string,
  after: number,
  upTo: number,
  page?: readonly LogEntry[],
): Promise<LogRun> {
  let entries = page ?? (await deps.log.read(group, after, upTo));
  for (const delayMs of REREAD_AFTER_MS) {
    if (entries[0]?.sequence === after + 1) break;
    await deps.sleep(delayMs);
    entries = await deps.log.read(group, after, upTo);
  }
  if (entries[0]?.sequence === after + 1) return { kind: 'entries', entries: beforeHole(entries, after) };
  const places = { from: after + 1, to: (entries[0]?.sequence ?? upTo + 1) - 1 };
  if (await areExpired(deps, group, places)) return { kind: 'expired', places };
  throw new LogHoleError(group, places);
}

/** The entries from the first on, up to the first hole. */
function beforeHole(entries: readonly LogEntry[], after: number): readonly LogEntry[] {
  const hole = entries.findIndex(({ sequence }, index) => sequence !== after + 1 + index);
  return hole === -1 ? entries : entries.slice(0, hole);
}

/** The log for who goes through all that it holds of a group. */
export interface ContiguousLog {
  /**
   * What stands behind `after`, up to `upTo`; undefined where the log shows nothing more.
   * @throws LogHoleError `LOG_HOLE` when the log must hold the place behind `after`, and does not show it
   */
  next(group: string, after: number, upTo: number): Promise<LogRun | undefined>;
}

export function createContiguousLog(deps: ContiguousLogDeps): ContiguousLog {
  return {
    async next(group, after, upTo) {
      const page = await deps.log.read(group, after, upTo);
      const last = page.at(-1);
      return last && readRun(deps, group, after, last.sequence, page);
    },
  };
}

/**
 * Places that a consumer goes past: retention has taken their events, an operator says that there are none, or they are
 * older than what cursor and inbox can tell, and may have been handled.
 */
export interface GonePlaces extends MissingPlaces {
  readonly kind: 'gone';
  readonly why: 'expired' | 'tombstone' | 'forgotten';
}

/** A group's events of the types that a consumer takes, read from the log a page at a time. */
export interface TakenEvents {
  /**
   * The first in (after, upTo], or the places before it that are gone; undefined when there is none.
   * @param alsoWanted events of other types that count. @default - none
   * @throws LogHoleError `LOG_HOLE` when the log must hold what comes before it, and does not show it
   */
  next(
    after: number,
    upTo: number,
    alsoWanted?: (event: LoggedEvent) => boolean,
  ): Promise<LoggedEvent | GonePlaces | undefined>;
  /** What stands at a place, whatever its type; undefined where the log shows nothing. */
  at(sequence: number): Promise<LogEntry | undefined>;
}

export function createTakenEvents(
  group: string,
  deps: ContiguousLogDeps & { readonly takes: (event: LoggedEvent) => boolean },
): TakenEvents {
  /** Without a hole: what it holds is committed for good. */
  let run: readonly LogEntry[] = [];

  return {
    async next(after, upTo, alsoWanted = () => false) {
      const counts = (entry: LogEntry) => entry.kind === 'tombstone' || deps.takes(entry) || alsoWanted(entry);
      for (let from = after; from < upTo; ) {
        run = run.filter(({ sequence }) => sequence > from);
        if (run[0]?.sequence !== from + 1) {
          // one place more: there stands the event of the message at hand
          const page = await deps.log.read(group, from, upTo + 1);
          const read = await readRun(deps, group, from, upTo, page);
          if (read.kind === 'expired') return { kind: 'gone', why: 'expired', ...read.places };
          run = read.entries;
        }
        const found = run.find((entry) => entry.sequence <= upTo && counts(entry));
        if (found?.kind === 'tombstone') return { kind: 'gone', why: 'tombstone', ...tombstonesFrom(run, found, upTo) };
        if (found !== undefined) return found;
        from = run.at(-1)?.sequence ?? upTo;
      }
      return undefined;
    },

    async at(sequence) {
      const known = run.find((entry) => entry.sequence === sequence);
      return known ?? (await deps.log.read(group, sequence - 1, sequence))[0];
    },
  };
}

function tombstonesFrom(run: readonly LogEntry[], { sequence: from }: LogEntry, upTo: number): MissingPlaces {
  let to = from;
  for (const { kind, sequence } of run) {
    if (kind === 'tombstone' && sequence === to + 1 && sequence <= upTo) to = sequence;
  }
  return { from, to };
}

/** No read misses a committed event for as long as that. */
const SETTLED_MS = 3_600_000;

/**
 * Whether retention has certainly taken the missing events of a group: the first place behind them, or the group's
 * head, says by when it may have. What older code has written does not say it. There, what is missing at the beginning
 * of the log counts as taken, since retention takes the oldest first; and so does what is missing before an event whose
 * own time is over.
 */
export async function areExpired(
  { log, clock }: { readonly log: EventLog; readonly clock: Clock },
  group: string,
  { from, to }: MissingPlaces,
): Promise<boolean> {
  const now = clock.now();
  const [next] = await log.places(group, to + 1, Number.MAX_SAFE_INTEGER, 1);
  if (next !== undefined) {
    if (next.previousExpires !== undefined) return isOver(next.previousExpires, now);
    if (next.expires !== undefined && isOver(next.expires, now)) return true;
    return next.committedAt < addMs(now, -SETTLED_MS) && (await isBeginning(log, group, from));
  }
  const end = await log.end(group);
  if (end?.lastExpires !== undefined) return end.last >= to && isOver(end.lastExpires, now);
  return (end === undefined || end.last >= to) && (await isBeginning(log, group, from));
}

const isOver = (expires: EpochSeconds, now: EpochMs): boolean => expires * 1000 <= now;

const isBeginning = async (log: EventLog, group: string, from: number): Promise<boolean> =>
  (await log.places(group, 1, from - 1, 1)).length === 0;

/** By how much the clocks of two producers, hence the commit times of one group's events, may be out of step. */
export const CLOCK_SKEW_MS = 60_000;

/** Places of one read once the bisection has come near. */
const PAGE_PLACES = 1_000;

/**
 * The oldest place of a group that was not committed before `instant`; undefined when there is none up to `upTo`.
 *
 * Commit times grow with sequences but for the skew of clocks. So it looks, by bisection, for a place that certainly is
 * not behind the one wanted, and goes on from there: some twenty reads of one item for a group of a million.
 */
export async function firstSince(
  log: Pick<EventLog, 'places'>,
  group: string,
  instant: EpochMs,
  upTo: number,
): Promise<LogPlace | undefined> {
  const near = addMs(instant, -CLOCK_SKEW_MS);
  const [oldest] = await log.places(group, 1, upTo, 1);
  if (oldest === undefined || oldest.committedAt >= instant) return oldest;
  const from = oldest.committedAt >= near ? oldest.sequence : await firstNear(log, group, near, oldest.sequence, upTo);
  for (let start = from; start <= upTo; ) {
    const places = await log.places(group, start, upTo, PAGE_PLACES);
    const found = places.find(({ committedAt }) => committedAt >= instant);
    const last = places.at(-1);
    if (found !== undefined || last === undefined) return found;
    start = last.sequence + 1;
  }
  return undefined;
}

/** A sequence up to which no place is new enough; `upTo` at most. @param tooOld the sequence of an older place */
async function firstNear(
  log: Pick<EventLog, 'places'>,
  group: string,
  near: EpochMs,
  tooOld: number,
  upTo: number,
): Promise<number> {
  let low = tooOld;
  let high = upTo;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const [place] = await log.places(group, middle, high, 1);
    if (place === undefined || place.committedAt >= near) high = middle;
    else low = place.sequence;
  }
  return high;
}
