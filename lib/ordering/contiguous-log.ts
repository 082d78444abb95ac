import type { Sleep } from '../shared/backoff.ts';
import type { Clock } from '../shared/time.ts';
import { LogHoleError } from './errors.ts';
import { areExpired, type MissingPlaces } from './expired-places.ts';
import type { EventLog, LogEntry } from './ports.ts';

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
 * and retention takes events: a hole is read again, and only then judged.
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
