import { BATCH_WRITE_MAX_REQUESTS } from '../definitions/index.ts';
import { type EventKey, keyText, type QuarantineNote } from '../outbox/event-record.ts';
import type { PublishFailure } from '../outbox/relay/failure.ts';
import type { DeletionResult, PendingMarkers, QuarantineResult } from '../outbox/relay/ports.ts';

export interface InMemoryPendingMarkers extends PendingMarkers {
  /** Number of requests per operation. */
  readonly requests: { deleteBatch: number; quarantine: number };
  /** Writes markers, as a producer's transaction does. */
  put(...keys: readonly EventKey[]): void;
  keys(): EventKey[];
  noteOf(key: EventKey): QuarantineNote | undefined;
}

export interface InMemoryPendingMarkersOptions {
  /** Keys that a request leaves unprocessed. @default - none */
  readonly unprocessed?: (keys: readonly EventKey[], request: number) => readonly EventKey[];
  /** Fails a whole request. @default - never */
  readonly fault?: (
    operation: 'deleteBatch' | 'quarantine',
    request: number,
  ) => (PublishFailure & { readonly retryable: boolean }) | undefined;
}

/** Markers in memory, with BatchWriteItem's rules. */
export function createInMemoryPendingMarkers(options: InMemoryPendingMarkersOptions = {}): InMemoryPendingMarkers {
  const { unprocessed = () => [], fault = () => undefined } = options;
  const markers = new Map<string, { readonly key: EventKey; note?: QuarantineNote }>();
  const requests = { deleteBatch: 0, quarantine: 0 };
  return {
    requests,
    put: (...keys) => {
      for (const { group, sequence } of keys) markers.set(keyText({ group, sequence }), { key: { group, sequence } });
    },
    keys: () => [...markers.values()].map(({ key }) => key),
    noteOf: (key) => markers.get(keyText(key))?.note,

    async deleteBatch(keys): Promise<DeletionResult> {
      const request = requests.deleteBatch++;
      const broken = fault('deleteBatch', request) ?? checkBatch(keys);
      if (broken !== undefined) {
        const { retryable, ...failure } = broken;
        return { status: 'incomplete', remaining: keys, failure, retryable };
      }
      const remaining = unprocessed(keys, request);
      const left = new Set(remaining.map(keyText));
      for (const name of keys.map(keyText)) if (!left.has(name)) markers.delete(name);
      if (remaining.length === 0) return { status: 'deleted' };
      const failure = { code: 'UNPROCESSED', message: `${remaining.length} deletions were not processed` };
      return { status: 'incomplete', remaining, failure, retryable: true };
    },

    async quarantine(key, note): Promise<QuarantineResult> {
      const broken = fault('quarantine', requests.quarantine++);
      if (broken !== undefined) {
        const { retryable, ...failure } = broken;
        return { status: 'failed', failure, retryable };
      }
      const marker = markers.get(keyText(key));
      if (marker === undefined) return { status: 'absent' };
      marker.note = note;
      return { status: 'noted' };
    },
  };
}

function checkBatch(keys: readonly EventKey[]): (PublishFailure & { readonly retryable: false }) | undefined {
  if (keys.length < 1 || keys.length > BATCH_WRITE_MAX_REQUESTS) {
    const message = `1 validation error detected: a batch must have 1 to ${BATCH_WRITE_MAX_REQUESTS} requests, got ${keys.length}`;
    return { code: 'ValidationException', message, retryable: false };
  }
  if (new Set(keys.map(keyText)).size === keys.length) return undefined;
  return { code: 'ValidationException', message: 'Provided list of item keys contains duplicates', retryable: false };
}
