import type { BusEntry, EventKey, OutboxItem, QuarantineNote } from '../event-record.ts';
import type { PublishFailure } from './failure.ts';

/** An event to be published, with its place in the batch. */
export type OutboxRecord = OutboxItem & {
  /** Decimal digits that grow along the batch: the stream's own sequence number, when it comes from the stream. */
  readonly position: string;
};

/**
 * What became of one entry:
 * - `accepted`: the bus has it;
 * - `retryable`: the same entry can succeed a moment later;
 * - `misconfigured`: the deployment is wrong, not the event; only somebody's change can mend it;
 * - `refused`: this entry can never succeed as it is.
 */
export type EntryResult =
  | { readonly status: 'accepted'; readonly eventId: string }
  | { readonly status: 'retryable' | 'misconfigured' | 'refused'; readonly failure: PublishFailure };

export type PublishAnswer =
  /** One result per entry, in the order of the entries. */
  | { readonly status: 'answered'; readonly results: readonly EntryResult[] }
  /** Some entry made the whole request invalid; nothing of it was published. */
  | { readonly status: 'request-refused'; readonly failure: PublishFailure };

/** One call of the bus's PutEvents. */
export interface EventPublisher {
  /**
   * Sends `entries` in one request.
   *
   * - MUST keep `detail` byte for byte and MUST keep the order of the entries.
   * - MUST return exactly one result per entry when it answers, whatever the service returned; an entry whose fate
   *   is not known MUST be `retryable`.
   * - MUST return `request-refused` when, and only when, nothing was published and the same request can never succeed.
   * - MUST NOT throw for anything that the service or the network does, and MUST NOT retry on its own.
   * - MUST give up when `signal` fires; what was under way is then `retryable`.
   */
  publish(entries: readonly BusEntry[], signal: AbortSignal): Promise<PublishAnswer>;
}

export type DeletionResult =
  | { readonly status: 'deleted' }
  | {
      readonly status: 'incomplete';
      /** The keys whose markers may still be there. */
      readonly remaining: readonly EventKey[];
      readonly failure: PublishFailure;
      /** Whether the same call can succeed a moment later. */
      readonly retryable: boolean;
    };

export type QuarantineResult =
  | { readonly status: 'noted' }
  /** There is no such marker, and none was made. */
  | { readonly status: 'absent' }
  | { readonly status: 'failed'; readonly failure: PublishFailure; readonly retryable: boolean };

/** The markers of what is not published yet. */
export interface PendingMarkers {
  /**
   * Deletes up to `BATCH_WRITE_MAX_REQUESTS` markers of distinct keys.
   *
   * - MUST count a marker that does not exist as deleted.
   * - MUST name every key that the service did not confirm in `remaining`.
   * - MUST NOT throw for anything that the service or the network does, and MUST NOT retry on its own.
   */
  deleteBatch(keys: readonly EventKey[], signal: AbortSignal): Promise<DeletionResult>;
  /**
   * Writes on the marker why its event can never be published; the marker stays.
   *
   * - MUST NOT create a marker.
   * - MUST NOT throw for anything that the service or the network does, and MUST NOT retry on its own.
   */
  quarantine(key: EventKey, note: QuarantineNote, signal: AbortSignal): Promise<QuarantineResult>;
}
