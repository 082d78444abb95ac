import { BATCH_WRITE_MAX_REQUESTS } from '../contracts/index.ts';
import type { Backoff } from '../shared/backoff.ts';
import { type PauseDeps, pause } from './pause.ts';
import type { EventKey, Failure, PendingMarkers } from './ports.ts';
import { createSlots } from './slots.ts';
import type { TimeWindow } from './time-window.ts';

export interface KeptMarker<Key extends EventKey> {
  readonly key: Key;
  readonly failure: Failure;
}

/** A full batch of 10,000 clears in about a second, and the pending table sees a burst that on-demand capacity takes. */
const CONCURRENT_BATCHES = 4;

/** DynamoDB throttles for fractions of a second. */
export const MARKER_BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

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
      open = open.filter((key) => result.remaining.some((remaining) => isSameKey(key, remaining)));
      const again = result.retryable && (await pause(deps, MARKER_BACKOFF, attempt, window.until));
      if (!again) return open.map((key) => ({ key, failure: result.failure }));
    }
  };

  const slots = createSlots(CONCURRENT_BATCHES);
  const batches: Promise<KeptMarker<Key>[]>[] = [];
  for (let start = 0; start < keys.length; start += BATCH_WRITE_MAX_REQUESTS) {
    const batch = keys.slice(start, start + BATCH_WRITE_MAX_REQUESTS);
    batches.push(slots.run(() => clearBatch(batch)));
  }
  return (await Promise.all(batches)).flat();
}

const isSameKey = (a: EventKey, b: EventKey): boolean => a.group === b.group && a.sequence === b.sequence;
