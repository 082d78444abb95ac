import type { EventLog, LogEntry, LogPlace, LogTombstone } from '../consumer/ports.ts';
import type { InMemoryOutboxStore } from './in-memory-outbox-store.ts';

/** Small, so that tests read several pages. */
const PAGE_EVENTS = 3;

export interface InMemoryEventLogSource extends Pick<InMemoryOutboxStore, 'events'> {
  readonly readHeads?: InMemoryOutboxStore['readHeads'];
  /** Places that are marked as empty, by group. @default - none */
  readonly tombstones?: ReadonlyMap<string, readonly LogTombstone[]>;
}

/** The log of an outbox store in memory. It is a snapshot: wrap it to have it miss what DynamoDB may miss. */
export function createInMemoryEventLog(source: InMemoryEventLogSource): EventLog {
  const entriesOf = (group: string): readonly LogEntry[] =>
    [
      ...source.events
        .filter((event) => event.group === group)
        .map(({ sequence, id, source, type, body, committedAt, expires, previousExpires }): LogEntry => {
          const place = { sequence, committedAt, expires, previousExpires };
          return { kind: 'event', ...place, id, source, type, body };
        }),
      ...(source.tombstones?.get(group) ?? []),
    ].sort((a, b) => a.sequence - b.sequence);

  return {
    read: async (group, after, upTo) =>
      entriesOf(group)
        .filter(({ sequence }) => after < sequence && sequence <= upTo)
        .slice(0, PAGE_EVENTS),
    places: async (group, from, upTo, limit) =>
      entriesOf(group)
        .filter(({ sequence }) => from <= sequence && sequence <= upTo)
        .slice(0, limit)
        .map(
          ({ sequence, committedAt, expires, previousExpires }): LogPlace => ({
            sequence,
            committedAt,
            expires,
            previousExpires,
          }),
        ),
    async end(group) {
      const head = (await source.readHeads?.([group]))?.get(group);
      return head === undefined || head.last === 0 ? undefined : { last: head.last, lastExpires: head.lastExpires };
    },
  };
}
