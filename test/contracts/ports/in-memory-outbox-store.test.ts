import { createInMemoryOutboxStore } from '../../../lib/outbox/index.ts';
import { describeOutboxStore } from './outbox-store.ts';

describeOutboxStore('in memory', async () => {
  const store = createInMemoryOutboxStore({ tables: { accounts: ['accountId'] } });
  return {
    store,
    accounts: async () => store.items('accounts'),
    places: async () => store.events.map(({ group, sequence }) => `${group} ${sequence}`),
  };
});
