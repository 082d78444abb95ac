import { createInMemoryOutboxLog } from '../../../lib/testing/in-memory-outbox-log.ts';
import { describeOutboxLog } from './outbox-log.ts';

describeOutboxLog('in memory', async (events) => ({
  log: createInMemoryOutboxLog({ events }),
  close: async () => {},
}));
