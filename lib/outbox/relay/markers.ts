import { BATCH_WRITE_MAX_REQUESTS, readGroup } from '../../definitions/index.ts';
import { type Backoff, type PauseDeps, pause } from '../../shared/backoff.ts';
import { createSemaphore } from '../../shared/semaphore.ts';
import { type EventKey, type EventRecord, keyText } from '../event-record.ts';
import type { OutboxLogger } from '../telemetry.ts';
import type { PublishFailure } from './failure.ts';
import type { PendingMarkers, QuarantineResult } from './ports.ts';
import type { TimeWindow } from './time-window.ts';

export interface KeptMarker<Key extends EventKey> {
  readonly key: Key;
  readonly failure: PublishFailure;
}

/** Clears 10,000 markers in about a second, with a load that on-demand capacity handles. */
const CONCURRENT_BATCHES = 4;

/** DynamoDB usually throttles for fractions of a second. */
const MARKER_BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

/**
 * Deletes the markers of published events in batches. Unprocessed deletes are retried until time is up.
 * @param keys with distinct group and sequence: DynamoDB rejects a batch that contains a key twice
 * @returns the keys whose markers may still exist
 */
export async function clearMarkers<Key extends EventKey>(
  deps: PauseDeps & { readonly markers: PendingMarkers },
  keys: readonly Key[],
  window: TimeWindow,
): Promise<KeptMarker<Key>[]> {
  const clearBatch = async (batch: readonly Key[]): Promise<KeptMarker<Key>[]> => {
    let open = batch;
    for (let attempt = 1; ; attempt += 1) {
      const result = await deps.markers.deleteBatch(open, window.signal);
      if (result.status === 'deleted') return [];
      open = open.filter((key) => result.remaining.some((remaining) => keyText(key) === keyText(remaining)));
      const again = result.retryable && (await pause(deps, MARKER_BACKOFF, attempt, window.until));
      if (!again) return open.map((key) => ({ key, failure: result.failure }));
    }
  };

  const semaphore = createSemaphore(CONCURRENT_BATCHES);
  const batches: Promise<KeptMarker<Key>[]>[] = [];
  for (let start = 0; start < keys.length; start += BATCH_WRITE_MAX_REQUESTS) {
    const batch = keys.slice(start, start + BATCH_WRITE_MAX_REQUESTS);
    batches.push(semaphore.run(() => clearBatch(batch)));
  }
  return (await Promise.all(batches)).flat();
}

/** An event that cannot be published. */
export interface Quarantinable {
  readonly position: string;
  /** Undefined if the record has no readable key. Then the marker is unknown. */
  readonly key: EventKey | undefined;
  /** Undefined if the record could not be read. */
  readonly event: EventRecord | undefined;
  readonly reason: PublishFailure;
}

export interface NotNoted {
  readonly position: string;
  readonly failure: PublishFailure;
}

export interface QuarantineDeps extends PauseDeps {
  readonly markers: PendingMarkers;
  readonly logger: Pick<OutboxLogger, 'error'>;
}

/** Quarantine is rare. If it is not, the notes must not slow down the deletions. */
const CONCURRENT_NOTES = 4;

/**
 * Writes on each marker why its event cannot be published, and logs it. If the marker no longer exists, the event is
 * only logged.
 * @returns those whose note could not be written, so that they are tried again
 */
export async function quarantine(
  deps: QuarantineDeps,
  items: readonly Quarantinable[],
  window: TimeWindow,
): Promise<NotNoted[]> {
  const note = async (key: EventKey, reason: PublishFailure): Promise<QuarantineResult> => {
    for (let attempt = 1; ; attempt += 1) {
      const result = await deps.markers.quarantine(key, { ...reason, at: deps.clock.now() }, window.signal);
      if (result.status !== 'failed') return result;
      const again = result.retryable && (await pause(deps, MARKER_BACKOFF, attempt, window.until));
      if (!again) return result;
    }
  };

  const semaphore = createSemaphore(CONCURRENT_NOTES);
  const notNoted: NotNoted[] = [];
  const handle = async ({ position, key, event, reason }: Quarantinable) => {
    const result = key === undefined ? ({ status: 'absent' } as const) : await note(key, reason);
    if (result.status === 'failed') notNoted.push({ position, failure: result.failure });
    deps.logger.error('an event cannot be published', {
      position,
      eventId: event?.id,
      eventType: event?.type,
      group: key?.group,
      tenant_id: key === undefined ? undefined : readGroup(key.group)?.tenantId,
      sequence: key?.sequence,
      reason,
      marker: result,
    });
  };
  await Promise.all(items.map((item) => semaphore.run(() => handle(item))));
  return notNoted;
}
