import type { WaitingGroups } from '../consumer/index.ts';
import type { EventKey, EventSummary } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { EventIndex, LogReader, LogScanner } from './ports.ts';

export interface FindEventDeps {
  readonly log: LogReader & LogScanner;
  /** The held groups of each strict consumer. */
  readonly waiting: readonly WaitingGroups[];
  /** By id. @default - the log is scanned */
  readonly index?: Pick<EventIndex, 'find'> | undefined;
  readonly clock: Clock;
  /** Retention of the log. */
  readonly retentionMs: number;
}

export interface FindEventOptions {
  /** The event's group, if known. Only that group is read then. */
  readonly group?: string | undefined;
  /** Maximum read units of a scan. */
  readonly maxReadUnits: number;
  /** Number of segments that are scanned in parallel. */
  readonly segments: number;
  readonly onProgress?: (progress: SearchProgress) => void;
}

export interface SearchProgress {
  readonly items: number;
  readonly readUnits: number;
}

export type FoundEvent =
  | { readonly kind: 'found'; readonly event: EventSummary }
  /** The time in its id is older than the log's retention; nothing was scanned. */
  | { readonly kind: 'expired'; readonly createdAt: EpochMs }
  /** The log does not have it. */
  | ({ readonly kind: 'absent' } & SearchProgress)
  /** The scan reached its limit. */
  | ({ readonly kind: 'given-up' } & SearchProgress);

/** Maximum number of held groups that are searched. */
const MAX_HELD_GROUPS = 500;

/**
 * Finds an event by its id: by the index, if the log has one. Otherwise it first tries cheap reads: the event as its own
 * group, and the events that block groups. Then it scans the log, up to a limit.
 */
export async function findEvent(id: string, deps: FindEventDeps, options: FindEventOptions): Promise<FoundEvent> {
  const { log, clock, retentionMs } = deps;
  const { group } = options;
  if (group !== undefined) {
    const event = await log.findById(group, id);
    return event === undefined ? { kind: 'absent', items: 0, readUnits: 0 } : { kind: 'found', event };
  }
  const place = await deps.index?.find(id);
  const indexed = place && (await log.find(place));
  if (indexed !== undefined) return { kind: 'found', event: indexed };
  const guessed = (await log.find({ group: id, sequence: 1 })) ?? (await findAmongHeld(id, deps));
  if (guessed !== undefined) return { kind: 'found', event: guessed };
  const createdAt = timeOfUuid(id);
  if (createdAt !== undefined && addMs(createdAt, retentionMs) < clock.now()) return { kind: 'expired', createdAt };
  if (deps.index !== undefined) return { kind: 'absent', items: 0, readUnits: 0 };
  return scanFor(id, log, options);
}

async function findAmongHeld(id: string, { log, waiting }: FindEventDeps): Promise<EventSummary | undefined> {
  for (const groups of waiting) {
    let looked = 0;
    for await (const page of groups.list()) {
      const places = page.map(({ group, cursor }): EventKey => ({ group, sequence: cursor.blockedBy.sequence }));
      const events = await Promise.all(places.map((place) => log.find(place)));
      const found = events.find((event) => event?.id === id);
      if (found !== undefined) return found;
      looked += page.length;
      if (looked >= MAX_HELD_GROUPS) break;
    }
  }
  return undefined;
}

async function scanFor(
  eventId: string,
  log: LogScanner,
  { maxReadUnits, segments, onProgress }: FindEventOptions,
): Promise<FoundEvent> {
  const progress = { items: 0, readUnits: 0 };
  let found: EventSummary | undefined;
  let isOver = false;
  const scanSegment = async (segment: number) => {
    for await (const page of log.scan({ segment, segments, eventId })) {
      progress.items += page.items;
      progress.readUnits += page.readUnits;
      found ??= page.events[0];
      onProgress?.({ ...progress });
      if (progress.readUnits >= maxReadUnits) isOver = true;
      if (found !== undefined || isOver) return;
    }
  };
  await Promise.all(Array.from({ length: segments }, (_, segment) => scanSegment(segment)));
  if (found !== undefined) return { kind: 'found', event: found };
  return { kind: isOver ? 'given-up' : 'absent', ...progress };
}

/** The first 48 bits of a UUIDv7. @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7 */
function timeOfUuid(id: string): EpochMs | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(id) ?? [];
  return high === undefined || low === undefined ? undefined : (Number.parseInt(high + low, 16) as EpochMs);
}
