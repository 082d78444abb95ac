import type { EventLog, LogEntry } from '../../lib/consumer/index.ts';
import type { EpochMs, EpochSeconds } from '../../lib/shared/time.ts';
import { messageOf } from './bench-consumer.ts';

/** What a Query of 1 MB gives of events like these. */
const PAGE_EVENTS = 800;

const COMMITTED_AT = Date.parse('2026-11-20T06:00:00.000Z') as EpochMs;
const EXPIRES = Math.floor(Date.parse('2126-01-01T00:00:00.000Z') / 1000) as EpochSeconds;

/** A group's log that is made up as it is read, so that it takes no memory of its own. */
export function createGroupLog(group: number, last: number): EventLog {
  const place = (sequence: number) => ({
    sequence,
    committedAt: COMMITTED_AT,
    expires: EXPIRES,
    previousExpires: EXPIRES,
  });
  const entry = (sequence: number): LogEntry => ({
    kind: 'event',
    ...place(sequence),
    id: `${group}-${sequence}`,
    source: '/bench',
    type: 'com.example.bench.happened',
    body: messageOf(group, sequence).body,
  });
  const sequences = (from: number, to: number, limit: number) =>
    Array.from({ length: Math.max(Math.min(to - from + 1, limit), 0) }, (_, index) => from + index);
  return {
    read: async (_group, after, upTo) => sequences(after + 1, Math.min(upTo, last), PAGE_EVENTS).map(entry),
    places: async (_group, from, upTo, limit) => sequences(from, Math.min(upTo, last), limit).map(place),
    end: async () => ({ last, lastExpires: EXPIRES }),
  };
}
