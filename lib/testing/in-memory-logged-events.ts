import type { LoggedEvents } from '../operations/index.ts';
import type { InMemoryOutboxStore } from './in-memory-outbox-store.ts';

/** Events of an outbox store in memory. */
export const createInMemoryLoggedEvents = (store: Pick<InMemoryOutboxStore, 'events'>): LoggedEvents => ({
  among: async (places) =>
    store.events.filter((event) =>
      places.some(({ group, sequence }) => group === event.group && sequence === event.sequence),
    ),
});
