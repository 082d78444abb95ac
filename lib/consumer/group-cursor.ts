import type { EpochMs } from '../shared/time.ts';
import { type Cursor, withSeenTypes } from './cursor.ts';
import { beginGroup, type GroupStartDeps, resumeGroup } from './group-start.ts';
import type { CursorStore } from './ports.ts';

/** A group's cursor, as one execution knows it between its own changes and those of others. */
export interface GroupCursor {
  /** What is known of it without a call; undefined where there is none, or somebody else has moved it. */
  latest(): Cursor | undefined;
  /**
   * @param sequence of the message at hand: a group without a cursor begins no later
   * @param madeAt when its event was made
   * @throws LogHoleError `LOG_HOLE` when a group without a cursor would begin behind events that the log must hold
   */
  current(sequence: number, madeAt?: EpochMs): Promise<Cursor>;
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
  deps: GroupStartDeps & { readonly cursors: CursorStore; readonly ownTypes?: readonly string[] | undefined },
): GroupCursor {
  const { cursors } = deps;
  let cursor = read;
  let isOvertaken = false;

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

    async current(sequence, madeAt) {
      if (cursor === undefined && isOvertaken) {
        cursor = (await cursors.read([group])).get(group);
      }
      const arrived = { sequence, madeAt };
      cursor =
        cursor === undefined ? await beginGroup(group, arrived, deps) : await resumeGroup(group, cursor, arrived, deps);
      return cursor;
    },

    async store(from, changed) {
      const next = withSeenTypes(from, changed, deps.ownTypes);
      return (await cursors.save(group, from, next)) === 'conflict' ? overtaken() : stored(from, next);
    },
  };
}
