import { createInMemoryLog } from '../../../lib/operations/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/outbox/index.ts';
import { describeLog } from './log-reader.ts';

describeLog('in memory', async () => {
  const store = createInMemoryOutboxStore();
  return { store, log: createInMemoryLog(store), close: async () => undefined };
});
