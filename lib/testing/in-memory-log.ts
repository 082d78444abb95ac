import type { LogReader, LogScanner, LogWalker } from '../operations/ports.ts';
import type { EventRecord, EventSummary } from '../outbox/event-record.ts';
import type { InMemoryOutboxStore } from './in-memory-outbox-store.ts';

/** Small, so that tests read several pages. */
const PAGE_ITEMS = 3;

/** The log of an outbox store in memory; an item costs one read unit. */
export function createInMemoryLog(store: Pick<InMemoryOutboxStore, 'events'>): LogReader & LogScanner & LogWalker {
  const eventsOf = (group: string, after: number, upTo: number): readonly EventRecord[] =>
    store.events
      .filter((event) => event.group === group && after < event.sequence && event.sequence <= upTo)
      .sort((a, b) => a.sequence - b.sequence);

  const inSegment = (segment: number, segments: number): readonly EventRecord[] =>
    [...new Set(store.events.map(({ group }) => group))]
      .filter((_group, index) => index % segments === segment)
      .flatMap((group) => eventsOf(group, 0, Number.MAX_SAFE_INTEGER));

  return {
    find: async ({ group, sequence }) => eventsOf(group, sequence - 1, sequence)[0],
    findById: async (group, eventId) => {
      const event = eventsOf(group, 0, Number.MAX_SAFE_INTEGER).find(({ id }) => id === eventId);
      return event && summaryOf(event);
    },
    last: async (group, after, takes) => eventsOf(group, after, Number.MAX_SAFE_INTEGER).findLast(takes),
    count: async (group, after, upTo, takes) => eventsOf(group, after, upTo).filter(takes).length,
    async page({ segment, segments, after }) {
      const own = inSegment(segment, segments);
      const start = own.findIndex(({ group, sequence }) => group === after?.group && sequence === after.sequence) + 1;
      const page = own.slice(start, start + PAGE_ITEMS);
      const last = page.at(-1);
      return {
        items: page.map((event) => ({ kind: 'event', ...summaryOf(event), expires: event.expires })),
        readUnits: page.length,
        next: last !== undefined && start + PAGE_ITEMS < own.length ? last : undefined,
      };
    },
    async *scan({ segment, segments, eventId }) {
      const own = inSegment(segment, segments);
      for (let start = 0; start < own.length; start += PAGE_ITEMS) {
        const page = own.slice(start, start + PAGE_ITEMS);
        const events = page.filter(({ id }) => id === eventId).map(summaryOf);
        yield { events, items: page.length, readUnits: page.length };
      }
    },
  };
}

const summaryOf = ({ group, sequence, id, source, type, committedAt }: EventSummary): EventSummary => ({
  group,
  sequence,
  id,
  source,
  type,
  committedAt,
});
