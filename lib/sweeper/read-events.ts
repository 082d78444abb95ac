import type { EventKey, OutboxRecord } from '../relay/index.ts';
import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochMs, toTimestamp } from '../shared/time.ts';
import type { OutboxLog, PendingMarker } from './ports.ts';

export interface ReadEventsDeps {
  readonly log: OutboxLog;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

export interface ReadEvents {
  /** What there is to publish, and to quarantine, in the order of the markers. */
  readonly records: readonly OutboxRecord[];
  /** What time did not suffice for. */
  readonly unread: readonly EventKey[];
}

/** A response holds 16 MB, so large events take several rounds: they need no wait, a throttled table does. */
const BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

/**
 * Reads the events of markers from the log; what the service leaves unprocessed is asked for again until time is up.
 * @param markers at most `BATCH_GET_MAX_KEYS`
 */
export async function readEvents(
  deps: ReadEventsDeps,
  markers: readonly PendingMarker[],
  window: { readonly until: EpochMs; readonly signal: AbortSignal },
): Promise<ReadEvents> {
  const records = new Map<PendingMarker, OutboxRecord>();
  let open = markers;

  for (let attempt = 1; ; attempt += 1) {
    const asked = open;
    const entries = await deps.log.read(asked, window.signal);
    open = asked.filter((marker, index) => {
      const entry = entries[index] ?? ({ status: 'unread' } as const);
      if (entry.status === 'unread') return true;
      const position = String(markers.indexOf(marker) + 1);
      records.set(marker, entry.status === 'gone' ? goneRecord(marker, position) : { position, ...entry.item });
      return false;
    });
    if (open.length === 0) break;
    const delayMs = fullJitterMs(BACKOFF, attempt, deps.random);
    if (addMs(deps.clock.now(), delayMs) >= window.until) break;
    await deps.sleep(delayMs);
  }

  return { records: markers.flatMap((marker) => records.get(marker) ?? []), unread: open };
}

const goneRecord = ({ group, sequence, committedAt }: PendingMarker, position: string): OutboxRecord => ({
  kind: 'unpublishable',
  position,
  key: { group, sequence },
  reason: {
    code: 'EVENT_GONE',
    message:
      `the outbox log no longer holds this event, committed at ${toTimestamp(committedAt)}: ` +
      'it waited for longer than the log keeps events, or somebody deleted it',
  },
});
