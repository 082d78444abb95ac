import type { Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochMs, type EpochSeconds } from '../shared/time.ts';
import { LogHoleError } from './errors.ts';
import type { EventLog, LogEntry, LoggedEvent, LogPlace, MissingPlaces } from './ports.ts';

export interface ContiguousLogDeps {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** The next part of a group's log. */
export type LogRun =
  /** Entries without a hole, starting directly after the given sequence. */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** Sequences whose events have certainly expired. */
  | { readonly kind: 'expired'; readonly places: MissingPlaces };

/** Waits before a hole is read again: a Query that ran during a transaction sees all of it a moment later. */
export const REREAD_AFTER_MS = [20, 100, 300];

/**
 * Reads the entries after `after`, up to `upTo`. Sequences are contiguous, but a Query is not a snapshot of a
 * transaction, and events expire: a hole is read again before it counts as one.
 * @param upTo all sequences up to it are known to be used
 * @param page entries that were just read from there
 * @throws LogHoleError `LOG_HOLE` if the log must hold the next sequence and does not show it
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

/** The entries up to the first hole. */
function beforeHole(entries: readonly LogEntry[], after: number): readonly LogEntry[] {
  const hole = entries.findIndex(({ sequence }, index) => sequence !== after + 1 + index);
  return hole === -1 ? entries : entries.slice(0, hole);
}

/** Reads a group's log from start to end. */
export interface ContiguousLog {
  /**
   * The entries after `after`, up to `upTo`; undefined if the log shows no more.
   * @throws LogHoleError `LOG_HOLE` if the log must hold the next sequence and does not show it
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
 * Sequences that a consumer passes without handling: their events have expired, an operator marked them as empty, or
 * they are so old that neither cursor nor inbox can tell whether they were handled.
 */
export interface PassedPlaces extends MissingPlaces {
  readonly kind: 'passed';
  readonly why: 'expired' | 'tombstone' | 'forgotten';
}

/** A group's events of the types that a consumer handles, read from the log page by page. */
export interface TakenEvents {
  /**
   * The first such event in (after, upTo], or the sequences before it that are passed; undefined if there is none.
   * @param alsoWanted selects events of other types. @default - none
   * @throws LogHoleError `LOG_HOLE` if the log must hold an event before it and does not show it
   */
  next(
    after: number,
    upTo: number,
    alsoWanted?: (event: LoggedEvent) => boolean,
  ): Promise<LoggedEvent | PassedPlaces | undefined>;
  /** The entry at a sequence, of any type; undefined if the log shows none. */
  at(sequence: number): Promise<LogEntry | undefined>;
}

export function createTakenEvents(
  group: string,
  deps: ContiguousLogDeps & { readonly takes: (event: LoggedEvent) => boolean },
): TakenEvents {
  /** Without a hole, so that all entries are committed. */
  let run: readonly LogEntry[] = [];

  return {
    async next(after, upTo, alsoWanted = () => false) {
      const counts = (entry: LogEntry) => entry.kind === 'tombstone' || deps.takes(entry) || alsoWanted(entry);
      for (let from = after; from < upTo; ) {
        run = run.filter(({ sequence }) => sequence > from);
        if (run[0]?.sequence !== from + 1) {
          // one more: the event of the current message is there
          const page = await deps.log.read(group, from, upTo + 1);
          const read = await readRun(deps, group, from, upTo, page);
          if (read.kind === 'expired') return { kind: 'passed', why: 'expired', ...read.places };
          run = read.entries;
        }
        const found = run.find((entry) => entry.sequence <= upTo && counts(entry));
        if (found?.kind === 'tombstone')
          return { kind: 'passed', why: 'tombstone', ...tombstonesFrom(run, found, upTo) };
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

/** The age after which no read misses a committed event. */
const CONSISTENT_AFTER_MS = 3_600_000;

/**
 * Whether the missing events of a group have certainly expired. The next entry, or the group's head, stores when.
 * Entries of older releases do not: there, events missing at the start of the log count as expired, because the oldest
 * expire first, and so do events missing before an event that is itself due to expire.
 */
export async function areExpired(
  { log, clock }: { readonly log: EventLog; readonly clock: Clock },
  group: string,
  { from, to }: MissingPlaces,
): Promise<boolean> {
  const now = clock.now();
  const [next] = await log.places(group, to + 1, Number.MAX_SAFE_INTEGER, 1);
  if (next !== undefined) {
    if (next.previousExpires !== undefined) return isExpired(next.previousExpires, now);
    if (next.expires !== undefined && isExpired(next.expires, now)) return true;
    return next.committedAt < addMs(now, -CONSISTENT_AFTER_MS) && (await isBeginning(log, group, from));
  }
  const end = await log.end(group);
  if (end?.lastExpires !== undefined) return end.last >= to && isExpired(end.lastExpires, now);
  return (end === undefined || end.last >= to) && (await isBeginning(log, group, from));
}

const isExpired = (expires: EpochSeconds, now: EpochMs): boolean => expires * 1000 <= now;

const isBeginning = async (log: EventLog, group: string, from: number): Promise<boolean> =>
  (await log.places(group, 1, from - 1, 1)).length === 0;

/** Maximum clock difference between two producers, and so between the commit times of one group's events. */
export const CLOCK_SKEW_MS = 60_000;

/** Entries per read after the bisection. */
const PAGE_PLACES = 1_000;

/**
 * The oldest entry of a group that was not committed before `instant`; undefined if there is none up to `upTo`.
 *
 * Commit times grow with sequences, except for clock differences. A search back from `upTo` finds an entry that is
 * certainly not after the wanted one, and pages are read from there. The reads grow with the logarithm of the number of
 * entries since `instant`, and with the number of entries of the minute before it; not with the length of the group.
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

/**
 * A sequence, `upTo` at most, before which every entry is too old. Steps back from `upTo` in doubling strides, because a
 * consumer usually starts shortly before its first message, then halves the last stride.
 * @param tooOld the sequence of an older entry
 */
async function firstNear(
  log: Pick<EventLog, 'places'>,
  group: string,
  near: EpochMs,
  tooOld: number,
  upTo: number,
): Promise<number> {
  let low = tooOld;
  let high = upTo;
  let stride: number | undefined = 1;
  while (high - low > 1) {
    const half = Math.floor((high - low) / 2);
    const middle = stride === undefined ? low + half : high - Math.min(stride, half);
    const [place] = await log.places(group, middle, high, 1);
    if (place === undefined || place.committedAt >= near) {
      high = middle;
      if (stride !== undefined) stride *= 2;
    } else {
      low = place.sequence;
      stride = undefined;
    }
  }
  return high;
}
