import type { Cursor } from '../consumer/cursor.ts';
import { cursorKey, cursorPut, readCursor } from '../consumer/dynamodb-cursor-store.ts';
import { CursorMovedError } from '../consumer/index.ts';
import type { CursorStore } from '../consumer/ports.ts';
import type { EpochSeconds } from '../shared/time.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryCursorStoreOptions {
  /** Shared with the outbox store that commits the changes. */
  readonly tables: InMemoryTables;
  /** Its key attribute is `id`. */
  readonly tableName: string;
  readonly consumer: string;
}

/** A store for tests; cursors do not expire. */
export function createInMemoryCursorStore({ tables, tableName, consumer }: InMemoryCursorStoreOptions): CursorStore {
  const putOf = (group: string, current: Cursor, next: Cursor) => ({
    Put: cursorPut(tableName, { consumer, group }, current, next, 0 as EpochSeconds),
  });
  return {
    async read(groups) {
      const cursors = new Map<string, Cursor>();
      for (const group of groups) {
        const item = tables.get(tableName, cursorKey({ consumer, group }));
        if (item === undefined) continue;
        const { consumer: _, group: __, ...cursor } = readCursor(item);
        cursors.set(group, cursor);
      }
      return cursors;
    },
    async save(group, current, next) {
      const write = putOf(group, current, next);
      if (tables.firstRefused([write]) !== undefined) return 'conflict';
      tables.apply([write]);
      return 'saved';
    },
    change: (group, current, next) => ({
      write: putOf(group, current, next),
      refused: () => new CursorMovedError(consumer, group),
    }),
  };
}
