import { createInMemoryEventIndex } from '../../../lib/testing/in-memory-event-index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { describeEventIndex } from './event-index.ts';

describeEventIndex('in memory', async () => {
  const store = createInMemoryOutboxStore();
  return { store, index: createInMemoryEventIndex(store), close: async () => undefined };
});
