import type { HandledEvents } from '../consumer/index.ts';
import { createInMemoryInboxRecords, type InMemoryInboxRecordsOptions } from './in-memory-inbox-records.ts';

/** Answers from the records of an inbox in memory. */
export function createInMemoryHandledEvents(options: InMemoryInboxRecordsOptions): HandledEvents {
  const records = createInMemoryInboxRecords(options);
  return {
    async among(events) {
      const found = await Promise.all(events.map((event) => records.find(event)));
      return events.filter((_, at) => found[at]?.status === 'completed');
    },
  };
}
