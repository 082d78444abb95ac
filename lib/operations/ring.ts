import type { Takes } from '../contracts/index.ts';
import type { Bell, CursorStore } from '../ordering/index.ts';
import type { LogReader, StoredEvent } from './ports.ts';

export interface RingDeps {
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly log: LogReader;
  readonly bell: Pick<Bell, 'ring'>;
  readonly takes: Takes;
}

export type RingResult =
  /** The event that the group waits for was sent again. */
  | { readonly kind: 'rung'; readonly why: 'waited-for'; readonly event: StoredEvent }
  /** The group waits for nothing: its last event was sent, and carries all that is missing before it. */
  | { readonly kind: 'rung'; readonly why: 'behind'; readonly event: StoredEvent }
  /** The consumer has dealt with all that the log holds of the group. */
  | { readonly kind: 'up-to-date' }
  /** The group waits for an event that the log no longer holds: it can only be skipped. */
  | { readonly kind: 'gone'; readonly sequence: number };

/**
 * Sends a group's event to the consumer's queue again, whichever makes it go on. Ringing once too often does no harm:
 * what is dealt with is acknowledged.
 */
export async function ring({ cursors, log, bell, takes }: RingDeps, group: string): Promise<RingResult> {
  const cursor = (await cursors.read([group])).get(group);
  const waitingFor = cursor?.waitingFor;
  if (waitingFor !== undefined) {
    // a message of any later event would only be noted as seen
    const event = await log.find({ group, sequence: waitingFor.sequence });
    if (event === undefined) return { kind: 'gone', sequence: waitingFor.sequence };
    await bell.ring(group, event.body);
    return { kind: 'rung', why: 'waited-for', event };
  }
  const event = await log.last(group, cursor?.processed ?? 0, takes);
  if (event === undefined) return { kind: 'up-to-date' };
  await bell.ring(group, event.body);
  return { kind: 'rung', why: 'behind', event };
}
