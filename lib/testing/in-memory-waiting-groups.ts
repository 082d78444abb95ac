import { pausedGroupOf, waitingGroupOf } from '../consumer/dynamodb-waiting-groups.ts';
import type { PausedGroups, WaitingGroups } from '../consumer/ports.ts';
import type { InMemoryCursorStoreOptions } from './in-memory-cursor-store.ts';

/** Small, so that tests read several pages. */
const PAGE_GROUPS = 2;

/** The waiting groups, according to the cursors in memory. */
export function createInMemoryWaitingGroups(options: InMemoryCursorStoreOptions): WaitingGroups {
  const { tables, tableName, consumer } = options;
  return {
    async *list() {
      const groups = tables
        .items(tableName)
        .filter((item) => item['consumer']?.S === consumer)
        .flatMap(waitingGroupOf)
        .sort((a, b) => a.cursor.blockedBy.since - b.cursor.blockedBy.since);
      for (let start = 0; start < groups.length; start += PAGE_GROUPS) yield groups.slice(start, start + PAGE_GROUPS);
    },
  };
}

/** The paused groups, according to the cursors in memory. */
export const createInMemoryPausedGroups = ({
  tables,
  tableName,
  consumer,
}: InMemoryCursorStoreOptions): PausedGroups => ({
  async *list() {
    yield tables
      .items(tableName)
      .filter((item) => item['consumer']?.S === consumer)
      .flatMap(pausedGroupOf);
  },
});
