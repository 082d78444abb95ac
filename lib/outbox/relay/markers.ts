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

/** A full batch of 10,000 clears in about a second, and the pending table sees a burst that on-demand capacity takes. */
const CONCURRENT_BATCHES = 4;

/** DynamoDB throttles for fractions of a second. */
const MARKER_BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

/**
 * Deletes the markers of published events in batches; what is left unprocessed is tried again until time is up.
 * @param keys with distinct group and sequence: DynamoDB refuses a batch that names a key twice
 * @returns the keys whose markers may still be there
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

/** Something that can never be published as it is. */
export interface Quarantinable {
  readonly position: string;
  /** Undefined when the record does not say where it stands; then no marker can be meant. */
  readonly key: EventKey | undefined;
  /** Undefined when the record could not be read. */
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

/** Quarantine is rare; when it is not, the notes must not crowd out the deletions beside them. */
const CONCURRENT_NOTES = 4;

/**
 * Notes on each marker why its event stays where it is, and says so in the log. An event without a marker has been
 * dealt with by somebody else; it is logged all the same.
 * @returns those whose note could not be written: their reason would be lost, so they have to come again
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
    deps.logger.error('an event can never be published as it is', {
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
