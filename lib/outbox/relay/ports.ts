import type { BusEntry, EventKey, OutboxItem, QuarantineNote } from '../event-record.ts';
import type { PublishFailure } from './failure.ts';

/** An event to publish, with its position in the batch. */
export type OutboxRecord = OutboxItem & {
  /** Decimal digits that increase along the batch: the stream's sequence number if it comes from the stream. */
  readonly position: string;
};

/**
 * The result of one entry:
 *
 * - `accepted`: the bus has it;
 * - `retryable`: the same entry can succeed a moment later;
 * - `misconfigured`: the deployment is wrong, not the event; someone must change it;
 * - `refused`: this entry can never succeed.
 */
export type EntryResult =
  | { readonly status: 'accepted'; readonly eventId: string }
  | { readonly status: 'retryable' | 'misconfigured' | 'refused'; readonly failure: PublishFailure };

export type PublishAnswer =
  /** One result per entry, in the order of the entries. */
  | { readonly status: 'answered'; readonly results: readonly EntryResult[] }
  /** An entry made the whole request invalid; nothing was published. */
  | { readonly status: 'request-refused'; readonly failure: PublishFailure };

/** Publishes events with PutEvents or an equivalent call. */
export interface EventPublisher {
  /**
   * Sends `entries` in one request.
   *
   * - MUST keep `detail` byte for byte and MUST keep the order of the entries.
   * - MUST return exactly one result per entry; if the result of an entry is not known, it MUST be `retryable`.
   * - MUST return `request-refused` if, and only if, nothing was published and the same request can never succeed.
   * - MUST NOT throw for errors of the service or the network, and MUST NOT retry.
   * - MUST stop when `signal` is aborted; entries in flight are then `retryable`.
   */
  publish(entries: readonly BusEntry[], signal: AbortSignal): Promise<PublishAnswer>;
}

export type DeletionResult =
  | { readonly status: 'deleted' }
  | {
      readonly status: 'incomplete';
      /** The keys whose markers may still exist. */
      readonly remaining: readonly EventKey[];
      readonly failure: PublishFailure;
      /** Whether the same call can succeed a moment later. */
      readonly retryable: boolean;
    };

export type QuarantineResult =
  | { readonly status: 'noted' }
  /** The marker does not exist, and none was created. */
  | { readonly status: 'absent' }
  | { readonly status: 'failed'; readonly failure: PublishFailure; readonly retryable: boolean };

/** The markers of unpublished events. */
export interface PendingMarkers {
  /**
   * Deletes up to `BATCH_WRITE_MAX_REQUESTS` markers of distinct keys.
   *
   * - MUST count a marker that does not exist as deleted.
   * - MUST name every key that the service did not confirm in `remaining`.
   * - MUST NOT throw for errors of the service or the network, and MUST NOT retry.
   */
  deleteBatch(keys: readonly EventKey[], signal: AbortSignal): Promise<DeletionResult>;
  /**
   * Writes on the marker why its event cannot be published; the marker stays.
   *
   * - MUST NOT create a marker.
   * - MUST NOT throw for errors of the service or the network, and MUST NOT retry.
   */
  quarantine(key: EventKey, note: QuarantineNote, signal: AbortSignal): Promise<QuarantineResult>;
}
