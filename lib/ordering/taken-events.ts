import { type ContiguousLogDeps, readRun } from './contiguous-log.ts';
import type { MissingPlaces } from './expired-places.ts';
import type { LogEntry, LoggedEvent } from './ports.ts';

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
