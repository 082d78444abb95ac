import { createKnows, type InboxMemory } from '../consumer/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryInboxMemoryOptions {
  /** Shared with the inbox. */
  readonly tables: InMemoryTables;
  readonly tableName: string;
  readonly consumer: string;
  /** @default - always: records of the inbox in memory do not expire */
  readonly reliableSince?: () => EpochMs;
}

/** The memory of an inbox for tests. */
export const createInMemoryInboxMemory = ({
  tables,
  tableName,
  consumer,
  reliableSince = () => 0 as EpochMs,
}: InMemoryInboxMemoryOptions): InboxMemory => ({
  knows: createKnows(consumer, async (key) => tables.get(tableName, key)),
  reliableSince,
});
