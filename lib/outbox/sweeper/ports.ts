import type { EventKey, OutboxItem, PendingMarker } from '../event-record.ts';

/** Reads the whole pending table. */
export interface PendingTable {
  /**
   * All markers, page by page.
   *
   * - MUST return the markers of a group together, by sequence.
   * - MUST return every marker that exists from the start of the read to its end.
   * - MUST throw errors of the service and the network, and the abort reason of the signal.
   */
  pages(signal: AbortSignal): AsyncIterable<readonly PendingMarker[]>;
}

/**
 * The log's entry for a key:
 *
 * - `found`: the event, or the item in its place;
 * - `gone`: the log no longer has it;
 * - `unread`: the entry was not read.
 */
export type LogEntry =
  | { readonly status: 'found'; readonly item: OutboxItem }
  | { readonly status: 'gone' }
  | { readonly status: 'unread' };

/** Reads the outbox log by key. */
export interface OutboxLog {
  /**
   * Reads up to `BATCH_GET_MAX_KEYS` distinct keys in one request.
   *
   * - MUST return exactly one entry per key, in the order of the keys.
   * - MUST NOT return `gone` for an event that was committed before the call and not deleted.
   * - MUST NOT read again what the service left unprocessed; MUST throw all other errors of the service and the
   *   network.
   */
  read(keys: readonly EventKey[], signal: AbortSignal): Promise<readonly LogEntry[]>;
}
