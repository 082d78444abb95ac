import { type Cursor, startAt } from './cursor.ts';
import type { LaneDeps } from './lane.ts';

/** A group's cursor, as one execution knows it between its own changes and those of others. */
export interface GroupCursor {
  /** What is known of it without a call; undefined where there is none, or somebody else has moved it. */
  latest(): Cursor | undefined;
  /** @param sequence of the message at hand: a group without a cursor begins no later */
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
  { cursors, log, startInstant }: Pick<LaneDeps, 'cursors' | 'log' | 'startInstant'>,
): GroupCursor {
  let cursor = read;
  let isOvertaken = false;

  const first = async (sequence: number): Promise<Cursor> =>
    startAt(Math.min((await log.firstSince(group, await startInstant())) ?? sequence, sequence));

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
