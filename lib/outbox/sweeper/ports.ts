import type { EventKey, OutboxItem, PendingMarker } from '../event-record.ts';

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
