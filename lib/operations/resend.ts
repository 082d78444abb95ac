import type { ConsumerQueue, CursorStore } from '../consumer/index.ts';
import type { Takes } from '../contracts/index.ts';
import type { EventRecord } from '../outbox/index.ts';
import type { LogReader } from './ports.ts';

export interface ResendDeps {
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly log: LogReader;
  readonly queue: Pick<ConsumerQueue, 'resend'>;
  readonly takes: Takes;
}

export type ResendResult =
  /** The event that the group waits for was sent again. */
  | { readonly kind: 'resent'; readonly why: 'waited-for'; readonly event: EventRecord }
  /** The group waits for nothing: its last event was sent, and carries all that is missing before it. */
  | { readonly kind: 'resent'; readonly why: 'behind'; readonly event: EventRecord }
  /** The consumer has dealt with all that the log holds of the group. */
  | { readonly kind: 'up-to-date' }
  /** The group waits for an event that the log no longer holds: it can only be skipped. */
  | { readonly kind: 'gone'; readonly sequence: number };

/**
 * Sends a group's event to the consumer's queue again, whichever makes it go on. Resending once too often does no harm:
 * a message whose event is dealt with is deleted.
 */
export async function resend({ cursors, log, queue, takes }: ResendDeps, group: string): Promise<ResendResult> {
  const cursor = (await cursors.read([group])).get(group);
  const blockedBy = cursor?.blockedBy;
  if (blockedBy !== undefined) {
    // a message of any later event would only be noted as seen
    const event = await log.find({ group, sequence: blockedBy.sequence });
    if (event === undefined) return { kind: 'gone', sequence: blockedBy.sequence };
    await queue.resend(group, event.body);
    return { kind: 'resent', why: 'waited-for', event };
  }
  const event = await log.last(group, cursor?.processed ?? 0, takes);
  if (event === undefined) return { kind: 'up-to-date' };
  await queue.resend(group, event.body);
  return { kind: 'resent', why: 'behind', event };
}
