import type { EventLog, LogEnd, LogEntry } from '../../../lib/consumer/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

/** 2026-11-20T06:00:00Z */
export const NOW = 1_795_154_400_000 as EpochMs;
export const NOW_SECONDS = 1_795_154_400 as EpochSeconds;

const HOUR_MS = 3_600_000;

export const logged = (sequence: number, more: Partial<LogEntry> = {}): LogEntry =>
  ({
    kind: 'event',
    sequence,
    id: `e${sequence}`,
    source: '/orders',
    type: 'taken',
    body: `{"n":${sequence}}`,
    committedAt: (NOW - 2 * HOUR_MS) as EpochMs,
    ...more,
  }) as LogEntry;

export const tombstone = (sequence: number): LogEntry => ({
  kind: 'tombstone',
  sequence,
  committedAt: (NOW - 2 * HOUR_MS) as EpochMs,
  expires: undefined,
  previousExpires: undefined,
});

export interface LogUnderTest extends EventLog {
  /** `read after upTo`, `places from`, `end`, in order. */
  readonly asked: string[];
}

/** @param entriesAt what the log shows at its n-th read, from 0 */
export function createLog(
  entriesAt: (read: number) => readonly LogEntry[],
  end?: LogEnd,
  pageSize = Number.MAX_SAFE_INTEGER,
): LogUnderTest {
  const asked: string[] = [];
  let reads = 0;
  return {
    asked,
    async read(_group, after, upTo) {
      asked.push(`read ${after} ${upTo}`);
      return entriesAt(reads++)
        .filter(({ sequence }) => after < sequence && sequence <= upTo)
        .slice(0, pageSize);
    },
    async places(_group, from, upTo, limit) {
      asked.push(`places ${from}`);
      return entriesAt(reads)
        .filter(({ sequence }) => from <= sequence && sequence <= upTo)
        .slice(0, limit);
    },
    async end() {
      asked.push('end');
      return end;
    },
  };
}
