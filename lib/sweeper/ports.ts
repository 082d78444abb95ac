import type { OutboxItem } from '../event/index.ts';
import type { EventKey } from '../relay/index.ts';
import type { EpochMs } from '../shared/time.ts';

/** The marker of an event that is not published. */
export interface PendingMarker extends EventKey {
  readonly committedAt: EpochMs;
  /** Whether it carries the reason why its event can never be published. */
  readonly isQuarantined: boolean;
}

/** The pending table, read as a whole. */
export interface PendingTable {
  /**
   * Every marker, page by page.
   *
   * - MUST give the markers of a group in one piece, by sequence.
   * - MUST show every marker that was there before it began and is still there when it ends.
   * - MUST throw what the service or the network does, the signal's firing too.
   */
  pages(signal: AbortSignal): AsyncIterable<readonly PendingMarker[]>;
}

/**
 * What the log has under a key:
 * - `found`: the event, or what stands in its place;
 * - `gone`: nothing, now and for ever;
 * - `unread`: it did not get as far as reading it.
 */
export type LogEntry =
  | { readonly status: 'found'; readonly item: OutboxItem }
  | { readonly status: 'gone' }
  | { readonly status: 'unread' };

/** The outbox log, read by key. */
export interface OutboxLog {
  /**
   * Reads up to `BATCH_GET_MAX_KEYS` distinct keys in one request.
   *
   * - MUST return exactly one entry per key, in the order of the keys.
   * - MUST NOT call an event `gone` that was committed before the call and not deleted.
   * - MUST NOT ask again by itself for what the service left unprocessed; MUST throw what else it or the network does.
   */
  read(keys: readonly EventKey[], signal: AbortSignal): Promise<readonly LogEntry[]>;
}

type Fields = Readonly<Record<string, unknown>>;

/** The part of Powertools' Logger that the sweeper needs. */
export interface SweeperLogger {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
}

/** The part of Powertools' Metrics that the sweeper needs. */
export interface SweeperMetrics {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
}
