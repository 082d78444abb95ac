import type { EventIndex } from '../operations/ports.ts';
import type { InMemoryOutboxStore } from './in-memory-outbox-store.ts';

/** Small, so that tests read several pages. */
const PAGE_EVENTS = 2;

/** The indexes of an outbox store's log in memory. */
export function createInMemoryEventIndex(store: Pick<InMemoryOutboxStore, 'events'>): EventIndex {
  return {
    async find(id) {
      const found = store.events.find((event) => event.id === id);
      return found && { group: found.group, sequence: found.sequence };
    },
    async *ofCorrelation(id) {
      const found = store.events.filter(({ correlationId }) => correlationId === id);
      for (let start = 0; start < found.length; start += PAGE_EVENTS) yield found.slice(start, start + PAGE_EVENTS);
    },
  };
}
