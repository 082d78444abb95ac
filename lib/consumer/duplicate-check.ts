import type { CloudEvent, Takes } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Cursor } from './cursor.ts';
import type { InboxMemory } from './inbox-memory.ts';
import type { LogEntry, LoggedEvent } from './ports.ts';

/** Why nobody can tell whether an event was handled: the cursor alone answers for it. */
export type Unverified = 'before the start' | 'beyond the memory of the inbox' | 'beyond the log';

/** What became of an event that the cursor is past. */
export type PastEvent =
  /** It was handled, or an operator skipped it. */
  | { readonly kind: 'dealt-with' }
  /** It stays what the cursor says that it is: dealt with. */
  | { readonly kind: 'unverified'; readonly why: Unverified }
  /** The cursor went past it, and it had no effect. */
  | { readonly kind: 'unhandled' }
  /** The log has another event at its place, or an operator's word that there is none. */
  | { readonly kind: 'misplaced'; readonly logged: LogEntry };

export interface PastEventDeps {
  readonly memory: InboxMemory;
  readonly startInstant: () => Promise<EpochMs>;
  /** What the log has at a place of the group. */
  readonly entryAt: (sequence: number) => Promise<LogEntry | undefined>;
}

/** Finds out why the cursor is past an event whose message has come. What was handled costs one read. */
export async function checkPastEvent(
  event: CloudEvent,
  { generation }: Pick<Cursor, 'generation'>,
  { memory, startInstant, entryAt }: PastEventDeps,
): Promise<PastEvent> {
  if (await memory.knows(event, generation)) return { kind: 'dealt-with' };
  const logged = await entryAt(Number(event.sequence));
  if (logged === undefined) return { kind: 'unverified', why: 'beyond the log' };
  if (!isOf(logged, event)) return { kind: 'misplaced', logged };
  if (logged.committedAt < (await startInstant())) return { kind: 'unverified', why: 'before the start' };
  if (logged.committedAt < memory.answersSince()) return { kind: 'unverified', why: 'beyond the memory of the inbox' };
  return { kind: 'unhandled' };
}

/** Whether the log's event is the message's: (source, id) tells an event from every other. */
export const isOf = (logged: LogEntry, event: Pick<CloudEvent, 'source' | 'id'>): boolean =>
  logged.kind === 'event' && logged.id === event.id && logged.source === event.source;

/** A message of the batch whose type this code does not take. */
export type AwaitedType = Pick<CloudEvent, 'source' | 'id' | 'sequence'>;

/**
 * What a group's log is read for: what the consumer takes, and what has a message in the batch although this code does
 * not take it, since the next deployment may.
 */
export const takesOrAwaits =
  (takes: Takes, awaited: ReadonlyMap<number, AwaitedType>) =>
  (logged: LoggedEvent): boolean => {
    const message = awaited.get(logged.sequence);
    return takes(logged) || (message !== undefined && isOf(logged, message));
  };
