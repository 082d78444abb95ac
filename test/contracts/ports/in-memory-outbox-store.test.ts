import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { describeOutboxStore } from './outbox-store.ts';

describeOutboxStore('in memory', async () => {
  const store = createInMemoryOutboxStore({
    tables: createInMemoryTables({ accounts: { partitionKey: { name: 'accountId', type: 'S' } } }),
  });
  return {
    store,
    accounts: async () => store.items('accounts'),
    places: async () => store.events.map(({ group, sequence }) => `${group} ${sequence}`),
    expire: async (sequence) => store.expire({ group: 'account#7', sequence }),
    // it has no markers
    clearMarker: async () => undefined,
  };
});
