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
  readonly events: BusEvent[];
}

/** Replayed events stay out, as the service's own rule on the bus keeps them out. */
export function offer(archive: Archive, event: BusEvent): void {
  if ('replay-name' in event.fields) return;
  if (archive.pattern === undefined || archive.pattern.matches(event.fields)) archive.events.push(event);
}

/** The events whose retention has not ended, in the order of their arrival; the others are let go. */
export function liveEvents(archive: Archive, now: EpochMs): readonly BusEvent[] {
  if (archive.retentionDays === 0) return archive.events;
  const oldest = now - archive.retentionDays * DAY_MS;
  const expired = archive.events.findIndex((event) => event.ingestedAt >= oldest);
  archive.events.splice(0, expired === -1 ? archive.events.length : expired);
  return archive.events;
}
