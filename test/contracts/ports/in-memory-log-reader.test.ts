import { createInMemoryLog } from '../../../lib/testing/in-memory-log.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { describeLog } from './log-reader.ts';

describeLog('in memory', async () => {
  const store = createInMemoryOutboxStore();
  return { store, log: createInMemoryLog(store), close: async () => undefined };
});
