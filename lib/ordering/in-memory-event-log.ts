import type { InMemoryOutboxStore } from '../outbox/index.ts';
import type { EventLog } from './ports.ts';

/** Small, so that tests come across page ends. */
const PAGE_EVENTS = 3;

/** The log of an outbox store in memory. */
export function createInMemoryEventLog(store: Pick<InMemoryOutboxStore, 'events'>): EventLog {
  const eventsOf = (group: string) =>
    store.events.filter((event) => event.group === group).sort((a, b) => a.sequence - b.sequence);
  return {
    read: async (group, after, upTo) =>
      eventsOf(group)
        .filter(({ sequence }) => after < sequence && sequence <= upTo)
        .slice(0, PAGE_EVENTS)
        .map(({ sequence, id, source, type, body, committedAt }) => ({
          sequence,
          id,
          source,
          type,
          body,
          committedAt,
        })),
    firstSince: async (group, instant) => eventsOf(group).find(({ committedAt }) => committedAt >= instant)?.sequence,
  };
}
