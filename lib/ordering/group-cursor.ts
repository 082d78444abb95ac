import { REREAD_AFTER_MS } from './contiguous-log.ts';
import { type Cursor, startAt } from './cursor.ts';
import { LogHoleError } from './errors.ts';
import { areExpired } from './expired-places.ts';
import { firstSince } from './first-since.ts';
import type { LaneDeps } from './lane.ts';

/** A group's cursor, as one execution knows it between its own changes and those of others. */
export interface GroupCursor {
  /** What is known of it without a call; undefined where there is none, or somebody else has moved it. */
  latest(): Cursor | undefined;
  /**
   * @param sequence of the message at hand: a group without a cursor begins no later
   * @throws LogHoleError `LOG_HOLE` when a group without a cursor would begin behind events that the log must hold
   */
  current(sequence: number): Promise<Cursor>;
  /** Stores `next`, unless somebody else was first. */
  store(from: Cursor, next: Cursor): Promise<'onwards' | 'overtaken'>;
  /** A transaction has stored `next`. */
  stored(from: Cursor, next: Cursor): 'onwards';
  /** Somebody else has moved the cursor: it is read again before it is used. */
  overtaken(): 'overtaken';
}

/** @param read the cursor as it was just read; undefined when there was none */
export function createGroupCursor(
  group: string,
  read: Cursor | undefined,
  deps: Pick<LaneDeps, 'cursors' | 'log' | 'clock' | 'sleep' | 'startInstant'>,
): GroupCursor {
  const { cursors, log, startInstant } = deps;
  let cursor = read;
  let isOvertaken = false;

  const first = async (sequence: number): Promise<Cursor> => {
    const instant = await startInstant();
    for (const delayMs of [0, ...REREAD_AFTER_MS]) {
      if (delayMs > 0) await deps.sleep(delayMs);
      const start = (await firstSince(log, group, instant, sequence))?.sequence ?? sequence;
      const before = { from: start - 1, to: start - 1 };
      // a read beside a transaction may show its later event and miss its first
      const [shown] = start === 1 ? [] : await log.places(group, before.from, before.to, 1);
      if (shown !== undefined && shown.committedAt >= instant) continue;
      if (start === 1 || shown !== undefined || (await areExpired(deps, group, before))) return startAt(start);
    }
    throw new LogHoleError(group, { from: sequence - 1, to: sequence - 1 });
  };

  const stored = (from: Cursor, next: Cursor): 'onwards' => {
    cursor = { ...next, revision: from.revision + 1 };
    return 'onwards';
  };

  const overtaken = (): 'overtaken' => {
    cursor = undefined;
    isOvertaken = true;
    return 'overtaken';
  };

  return {
    latest: () => cursor,
    stored,
    overtaken,

    async current(sequence) {
      if (cursor === undefined && isOvertaken) cursor = (await cursors.read([group])).get(group);
      cursor ??= await first(sequence);
      return cursor;
    },

    store: async (from, next) =>
      (await cursors.save(group, from, next)) === 'conflict' ? overtaken() : stored(from, next),
  };
}
