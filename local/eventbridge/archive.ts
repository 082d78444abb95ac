import type { EpochMs } from '../../lib/shared/time.ts';
import type { BusEvent } from './bus-event.ts';
import type { EventMatcher } from './pattern/event-pattern.ts';

const DAY_MS = 86_400_000;

/** What one bus has carried, kept for replays. */
export interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly busArn: string;
  readonly description: string | undefined;
  readonly pattern: { readonly text: string; readonly matches: EventMatcher } | undefined;
  /** 0 keeps events for good. */
  readonly retentionDays: number;
  readonly createdAt: EpochMs;
  /** In the order of their arrival. */
  readonly events: ArchivedEvent[];
}

/** An event as its text alone, since an archive may hold everything that a long run has carried. */
export type ArchivedEvent = Pick<BusEvent, 'json' | 'occurredAt' | 'ingestedAt'>;

/** Replayed events stay out, as the service's own rule on the bus keeps them out. */
export function offer(archive: Archive, event: BusEvent): void {
  if ('replay-name' in event.fields) return;
  if (archive.pattern?.matches(event.fields) === false) return;
  const { json, occurredAt, ingestedAt } = event;
  archive.events.push({ json, occurredAt, ingestedAt });
}

/** The events whose retention has not ended, in the order of their arrival; the others are let go. */
export function liveEvents(archive: Archive, now: EpochMs): readonly ArchivedEvent[] {
  if (archive.retentionDays === 0) return archive.events;
  const oldest = now - archive.retentionDays * DAY_MS;
  const firstLive = archive.events.findIndex((event) => event.ingestedAt >= oldest);
  archive.events.splice(0, firstLive === -1 ? archive.events.length : firstLive);
  return archive.events;
}
