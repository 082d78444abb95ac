import type { EventIdentity, HandledEvents, InboxRecord } from '../consumer/index.ts';
import { createInMemoryInboxRecords, type InMemoryInboxRecordsOptions } from './in-memory-inbox-records.ts';

/** Answers from the records of an inbox in memory. */
export function createInMemoryHandledEvents(options: InMemoryInboxRecordsOptions): HandledEvents {
  const records = createInMemoryInboxRecords(options);
  const read = async <Event extends EventIdentity>(
    events: readonly Event[],
    isWanted: (record: InboxRecord | undefined) => boolean,
  ) => {
    const found = await Promise.all(events.map((event) => records.find(event)));
    return events.filter((_, at) => isWanted(found[at]));
  };
  return {
    among: (events) => read(events, (record) => record?.status === 'completed'),
    skippedAmong: (events) => read(events, (record) => record?.status === 'completed' && record.skipped !== undefined),
  };
}
