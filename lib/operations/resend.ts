import {
  type ConsumerQueue,
  type Cursor,
  type CursorStore,
  isSeenByTaker,
  type WaitingGroups,
} from '../consumer/index.ts';
import type { Takes } from '../definitions/index.ts';
import type { EventRecord } from '../outbox/index.ts';
import type { LogReader } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface ResendDeps {
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly log: LogReader;
  readonly queue: Pick<ConsumerQueue, 'resend'>;
  readonly takes: Takes;
}

export type ResendResult =
  /** The event that blocks the group was resent. */
  | { readonly kind: 'resent'; readonly why: 'waited-for'; readonly event: EventRecord }
  /** Nothing blocks the group. Its last event was resent, which makes the consumer process all earlier events too. */
  | { readonly kind: 'resent'; readonly why: 'behind'; readonly event: EventRecord }
  /** The consumer has processed all events of the group. */
  | { readonly kind: 'up-to-date' }
  /** The log no longer has the event that blocks the group. It can only be skipped. */
  | { readonly kind: 'gone'; readonly sequence: number };

/**
 * Resends the event with which the group continues to the consumer's queue. Safe to repeat: the consumer deletes the
 * message of an event that is already processed.
 */
export async function resend({ cursors, log, queue, takes }: ResendDeps, group: string): Promise<ResendResult> {
  const cursor = (await cursors.read([group])).get(group);
  const blockedBy = cursor?.blockedBy;
  if (blockedBy !== undefined) {
    // a message of a later event would only be recorded as seen
    const event = await log.find({ group, sequence: blockedBy.sequence });
    if (event === undefined) return { kind: 'gone', sequence: blockedBy.sequence };
    await queue.resend(group, event.body);
    return { kind: 'resent', why: 'waited-for', event };
  }
  const event = await lastToProcess(log, { group, cursor, takes });
  if (event === undefined) return { kind: 'up-to-date' };
  await queue.resend(group, event.body);
  return { kind: 'resent', why: 'behind', event };
}

interface Behind extends Pick<ResendDeps, 'takes'> {
  readonly group: string;
  readonly cursor: Cursor | undefined;
}

/** The last event that the consumer takes, or else the last one that other code took and whose message it may have deleted. */
async function lastToProcess(log: LogReader, { group, cursor, takes }: Behind): Promise<EventRecord | undefined> {
  const taken = await log.last(group, cursor?.processed ?? 0, takes);
  if (taken !== undefined || cursor === undefined || cursor.processed >= cursor.seen) return taken;
  return log.last(group, cursor.processed, (event) => isSeenByTaker(cursor, event));
}

export interface ResendHeldDeps extends ResendDeps {
  readonly waiting: WaitingGroups;
  readonly limiter: RateLimiter;
}

/**
 * Resends the blocking event of every held group, in which that event is a dead letter. Events that are still retried
 * have their own message.
 */
export async function* resendHeld(
  deps: ResendHeldDeps,
): AsyncGenerator<{ readonly group: string; readonly result: ResendResult }> {
  for await (const page of deps.waiting.list()) {
    for (const { group, cursor } of page) {
      if (cursor.blockedBy.state !== 'dead') continue;
      await deps.limiter.spend(1);
      yield { group, result: await resend(deps, group) };
    }
  }
}
