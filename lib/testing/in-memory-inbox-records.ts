import { inboxRecordKey, readInboxRecord, recordKeyOf } from '../consumer/inbox-record.ts';
import type { InboxRecords } from '../consumer/index.ts';
import type { EpochSeconds } from '../shared/time.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryInboxRecordsOptions {
  /** Shared with the outbox store that commits the completions. */
  readonly tables: InMemoryTables;
  /** Its key attribute is `id`. */
  readonly tableName: string;
  readonly consumer: string;
}

/** When the records of an inbox in memory expire: later than any clock. */
export const NEVER = 9_999_999_999 as EpochSeconds;

/** The records of an inbox in memory. They are completed at the epoch and do not expire. */
export function createInMemoryInboxRecords({ tables, tableName, consumer }: InMemoryInboxRecordsOptions): InboxRecords {
  return {
    async find(event) {
      const item = tables.get(tableName, recordKeyOf(inboxRecordKey(consumer, event)));
      return item && readInboxRecord(item, NEVER);
    },
  };
}
