import type { CloudEvent, Takes } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Cursor } from './cursor.ts';
import type { InboxMemory } from './inbox-memory.ts';
import type { LogEntry, LoggedEvent } from './ports.ts';

/** Why the inbox and the log cannot tell whether an event was handled. */
export type Unverified = 'before the start' | 'older than the inbox records' | 'not in the log';

/** Whether an event at or before the cursor was handled. */
export type PastEvent =
  /** The event was handled, or an operator skipped it. */
  | { readonly kind: 'handled' }
  /** The inbox and the log cannot tell. The event is treated as handled. */
  | { readonly kind: 'unverified'; readonly why: Unverified }
  /** The cursor passed the event without handling it. */
  | { readonly kind: 'unhandled' }
  /** The log has another event, or a tombstone, at the event's sequence. */
  | { readonly kind: 'misplaced'; readonly logged: LogEntry };

export interface PastEventDeps {
  readonly memory: InboxMemory;
  readonly startInstant: () => Promise<EpochMs>;
  /** The log's entry at a sequence of the group. */
  readonly entryAt: (sequence: number) => Promise<LogEntry | undefined>;
}

/** Determines whether an event at or before the cursor was handled. One read if the inbox has it. */
export async function checkPastEvent(
  event: CloudEvent,
  { generation }: Pick<Cursor, 'generation'>,
  { memory, startInstant, entryAt }: PastEventDeps,
): Promise<PastEvent> {
  if (await memory.knows(event, generation)) return { kind: 'handled' };
  const logged = await entryAt(Number(event.sequence));
  if (logged === undefined) return { kind: 'unverified', why: 'not in the log' };
  if (!isOf(logged, event)) return { kind: 'misplaced', logged };
  if (logged.committedAt < (await startInstant())) return { kind: 'unverified', why: 'before the start' };
  if (logged.committedAt < memory.reliableSince()) return { kind: 'unverified', why: 'older than the inbox records' };
  return { kind: 'unhandled' };
}

/** Whether the logged event is the message's event. (source, id) identifies an event. */
export const isOf = (logged: LogEntry, event: Pick<CloudEvent, 'source' | 'id'>): boolean =>
  logged.kind === 'event' && logged.id === event.id && logged.source === event.source;

/** A message of the batch whose type this code does not handle. */
export type AwaitedType = Pick<CloudEvent, 'source' | 'id' | 'sequence'>;

/**
 * Selects the events to read from a group's log: those that the consumer handles, and those that have a message in the
 * batch. This code may not handle the latter, but the code of the next deployment may.
 */
export const takesOrAwaits =
  (takes: Takes, awaited: ReadonlyMap<number, AwaitedType>) =>
  (logged: LoggedEvent): boolean => {
    const message = awaited.get(logged.sequence);
    return takes(logged) || (message !== undefined && isOf(logged, message));
  };
