import type {
  Blocker,
  Cursor,
  CursorStore,
  FailureNote,
  FailureNotes,
  FailureReason,
  GroupPause,
  InboxRecord,
  InboxRecords,
} from '../consumer/index.ts';
import type { Takes } from '../definitions/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { LogReader, MarkerReader, OutboxState, QueueDepth, QueueDepths, SkipLedger, SkipRecord } from './ports.ts';
import { thrownAtIn, thrownAtOf } from './thrown-at.ts';

export interface WhereConsumer {
  readonly name: string;
  readonly takes: Takes;
  readonly inbox: InboxRecords;
  readonly notes: Pick<FailureNotes, 'find'>;
  readonly depths: QueueDepths;
  /** Undefined if `ordering` is 'fifo'. */
  readonly strict:
    | { readonly cursors: Pick<CursorStore, 'read'>; readonly skips: Pick<SkipLedger, 'find'> }
    | undefined;
}

export interface WhereDeps {
  readonly log: Pick<LogReader, 'find'>;
  readonly markers: Pick<MarkerReader, 'stateOf'>;
  readonly consumers: readonly WhereConsumer[];
  readonly clock: Clock;
}

/** The event that blocks its group. */
interface BlockingEvent {
  readonly sequence: number;
  readonly eventId: string | undefined;
  readonly state: Blocker['state'];
  readonly reason: FailureReason;
  /** Where in the user's own code the error came from; undefined if no note says it. */
  readonly thrownAt: string | undefined;
  readonly since: EpochMs;
}

/** The state of an event at one consumer. */
export type ConsumerState =
  | { readonly kind: 'not-subscribed' }
  | { readonly kind: 'handled'; readonly at: EpochMs }
  /** An operator skipped it. */
  | { readonly kind: 'skipped'; readonly record: SkipRecord }
  /** Its handler skipped it. */
  | { readonly kind: 'skipped-by-handler'; readonly at: EpochMs; readonly reason: string }
  /** The cursor is past it and its inbox record has expired, or it is older than the consumer's start. */
  | { readonly kind: 'passed' }
  /** An execution processes it, until `until` at the latest. */
  | { readonly kind: 'in-progress'; readonly until: EpochMs }
  /** Its execution crashed, before `until`. Its message will be received again. */
  | { readonly kind: 'died'; readonly until: EpochMs }
  /** It failed. The note is missing only if it could not be written. */
  | {
      readonly kind: Blocker['state'];
      readonly attempts: number;
      readonly reason: FailureReason;
      /** Where in the user's own code the error came from; undefined if no note says it. */
      readonly thrownAt: string | undefined;
      readonly note: FailureNote | undefined;
    }
  | { readonly kind: 'held'; readonly behind: BlockingEvent }
  /** Its group is paused. The consumer will read it from the log. */
  | { readonly kind: 'paused'; readonly pause: GroupPause }
  /** The consumer received its message and will read it from the log in order. */
  | { readonly kind: 'seen' }
  | { readonly kind: 'not-published' }
  /** It is probably in the queue or on the way there. */
  | { readonly kind: 'under-way'; readonly queue: QueueDepth }
  /** Published, neither processed nor failed, and the queue is empty. */
  | { readonly kind: 'unknown' };

export interface Whereabouts {
  readonly event: EventSummary;
  readonly outbox: OutboxState;
  readonly consumers: readonly { readonly name: string; readonly state: ConsumerState }[];
}

/** Reports the state of an event in the outbox and at each consumer. */
export async function whereIs(event: EventSummary, deps: WhereDeps): Promise<Whereabouts> {
  const outbox = await deps.markers.stateOf(event);
  const consumers = await Promise.all(
    deps.consumers.map(async (consumer) => ({
      name: consumer.name,
      state: await stateAt(consumer, event, outbox, deps),
    })),
  );
  const { group, sequence, id, source, type, committedAt } = event;
  return { event: { group, sequence, id, source, type, committedAt }, outbox, consumers };
}

async function stateAt(
  consumer: WhereConsumer,
  event: EventSummary,
  outbox: OutboxState,
  { log, clock }: WhereDeps,
): Promise<ConsumerState> {
  const { inbox, notes, strict } = consumer;
  if (!consumer.takes(event)) return { kind: 'not-subscribed' };
  const cursor = (await strict?.cursors.read([event.group]))?.get(event.group);
  const generation = cursor?.generation ?? 0;
  const [record, note, skipped] = await Promise.all([
    inbox.find({ source: event.source, id: event.id, generation }),
    notes.find(event.id),
    strict?.skips.find(event, generation),
  ]);
  if (record?.status === 'completed') return doneOf(record);
  if (skipped !== undefined) return { kind: 'skipped', record: skipped };
  const placed = byCursor(event, cursor, note);
  const died = byDeath(record, clock.now());
  // the cursor is past the event, but its execution crashed: it was not processed
  const atCursor = placed?.kind === 'passed' ? (died ?? placed) : placed;
  const state = atCursor ?? byInbox(record, clock.now()) ?? byNote(note) ?? died;
  if (state?.kind === 'held') {
    const blocking = await log.find({ group: event.group, sequence: state.behind.sequence });
    const thrownAt = await thrownAtOf(blocking?.id, state.behind.reason, notes);
    return { ...state, behind: { ...state.behind, eventId: blocking?.id, thrownAt } };
  }
  if (state !== undefined) return state;
  if (outbox.kind !== 'published') return { kind: 'not-published' };
  const queue = await consumer.depths.queue();
  return queue.visible + queue.inFlight > 0 ? { kind: 'under-way', queue } : { kind: 'unknown' };
}

const doneOf = ({ at, skipped }: Extract<InboxRecord, { status: 'completed' }>): ConsumerState =>
  skipped === undefined ? { kind: 'handled', at } : { kind: 'skipped-by-handler', at, reason: skipped };

function byCursor(
  { sequence }: EventSummary,
  cursor: Cursor | undefined,
  note: FailureNote | undefined,
): ConsumerState | undefined {
  if (cursor === undefined) return undefined;
  const { processed, seen, blockedBy, paused } = cursor;
  if (sequence <= processed) return { kind: 'passed' };
  if (paused !== undefined && sequence <= seen) return { kind: 'paused', pause: paused };
  if (blockedBy?.sequence === sequence) {
    const { reason } = blockedBy;
    const thrownAt = thrownAtIn(note, reason);
    return { kind: blockedBy.state, attempts: blockedBy.attempts, reason, thrownAt, note };
  }
  if (blockedBy !== undefined && blockedBy.sequence < sequence) {
    return { kind: 'held', behind: { ...blockedBy, eventId: undefined, thrownAt: undefined } };
  }
  return sequence <= seen ? { kind: 'seen' } : undefined;
}

const byInbox = (record: InboxRecord | undefined, now: EpochMs): ConsumerState | undefined =>
  record?.status === 'in-progress' && record.until >= now ? { kind: 'in-progress', until: record.until } : undefined;

const byDeath = (record: InboxRecord | undefined, now: EpochMs): ConsumerState | undefined =>
  record?.status === 'in-progress' && record.until < now ? { kind: 'died', until: record.until } : undefined;

const byNote = (note: FailureNote | undefined): ConsumerState | undefined =>
  note === undefined || note.resolvedAt !== undefined
    ? undefined
    : {
        kind: note.state,
        attempts: note.attempts,
        reason: { code: note.code, message: note.message },
        thrownAt: note.thrownAt,
        note,
      };
