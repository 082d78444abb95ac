import type { AccountableSince, Cursor, EventOutcome } from '../consumer/index.ts';
import { standsAlone } from '../definitions/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { OutboxState } from './ports.ts';

/** The places with a name in which an event can wait for a consumer. */
export const WAITING_PLACES = [
  'pending',
  'quarantined',
  'queued',
  'undeliverable',
  'seen',
  'retrying',
  'deferred',
  'dead',
  'held',
  'paused',
] as const;

/**
 * Where an event waits. `pending`: not published yet. `queued`: its message may be in the consumer's queue. `undeliverable`:
 * the bus may have moved it to the undeliverable queue. `seen`: it arrived, and the consumer reads it from the log in order.
 * `held`: behind the event that blocks its group.
 */
type WaitingPlace = (typeof WAITING_PLACES)[number];

/**
 * How an event stands at a consumer that takes it. `not-due`: it is older than the consumer, or than the records that could
 * tell. `under-way`: it is young, or being handled. `unaccounted`: it was neither handled nor skipped, and waits nowhere.
 */
export type Standing = 'handled' | 'skipped' | 'not-due' | 'under-way' | WaitingPlace | 'unaccounted';

/** Why an event is unaccounted for. */
export type UnaccountedWhy =
  /** The consumer has no trace of it, although it was published. */
  | 'never-arrived'
  /** It arrived, failed or blocks its group, and no message is left that would lead to it. */
  | 'message-gone';

type Accounted = Exclude<Standing, 'unaccounted'>;

export type Judgement =
  | { readonly standing: Accounted; readonly why?: undefined }
  | { readonly standing: 'unaccounted'; readonly why: UnaccountedWhy };

/** What a consumer's queues may still hold. Undefined where they tell nothing, because they were replaced. */
export interface Messages {
  /** Whether its queue, or its dead-letter queue, has messages. */
  readonly inQueues: boolean;
  /** Whether its own queue has messages. */
  readonly inQueue: boolean;
  /** Whether its undeliverable queue has messages. */
  readonly undeliverable: boolean;
}

export interface Situation {
  readonly event: EventSummary;
  readonly now: EpochMs;
  /** Events committed later are under way. */
  readonly youngerThan: EpochMs;
  readonly since: Pick<AccountableSince, 'grouped' | 'alone'>;
}

/** Whether a cursor tells about the event, and not the inbox alone. */
export const isOrdered = ({ group, id }: EventSummary): boolean => !standsAlone(group, id);

/** Whether the event is too old for a statement: it was committed before the consumer's records begin. */
const isBefore = (event: EventSummary, since: Situation['since']): boolean =>
  event.committedAt < (isOrdered(event) ? since.grouped : since.alone);

/** What the group's cursor alone says; undefined if the event's own records must tell. */
export function byCursor({ sequence }: EventSummary, cursor: Cursor | undefined): Accounted | undefined {
  if (cursor === undefined) return undefined;
  const { processed, seen, blockedBy, paused } = cursor;
  if (sequence <= processed) return 'handled';
  if (sequence > seen) return undefined;
  if (paused !== undefined) return 'paused';
  if (blockedBy === undefined) return 'seen';
  if (blockedBy.sequence < sequence) return 'held';
  // an earlier event, which the arrival of the blocking one leads to
  return blockedBy.state === 'retrying' && blockedBy.deferred === true ? 'deferred' : blockedBy.state;
}

/** Places of which a message must lead back: without one the event waits for nothing. */
const NEED_MESSAGE: ReadonlySet<Standing> = new Set<Standing>(['seen', 'retrying', 'deferred', 'dead', 'held']);

/**
 * Judges an event that the cursor does not tell to be handled.
 * @param cursor what the cursor says
 * @param outbox undefined if it was not asked for: the consumer has received the event
 * @param messages undefined if the queues are no evidence
 */
export function judge(
  { event, now, youngerThan, since }: Situation,
  cursor: Accounted | undefined,
  outcome: EventOutcome | undefined,
  outbox: OutboxState | undefined,
  messages: Messages | undefined,
): Judgement {
  if (cursor === 'handled' || cursor === 'paused') return { standing: cursor };
  if (outcome?.kind === 'handled' || outcome?.kind === 'skipped') return { standing: outcome.kind };
  if (outcome?.kind === 'in-progress' && outcome.until >= now) return { standing: 'under-way' };
  if (cursor === undefined && isBefore(event, since)) return { standing: 'not-due' };
  const place = cursor ?? (outcome?.kind === 'failing' ? outcome.state : undefined);
  const isYoung = event.committedAt > youngerThan;
  if (place !== undefined && NEED_MESSAGE.has(place)) {
    // without evidence, an event that blocks its group is listed with the group
    const hasMessage = messages === undefined ? place !== 'seen' : messages.inQueues;
    if (hasMessage) return { standing: place };
    return isYoung ? { standing: 'under-way' } : { standing: 'unaccounted', why: 'message-gone' };
  }
  if (outbox !== undefined && outbox.kind !== 'published') return { standing: outbox.kind };
  if (isYoung) return { standing: 'under-way' };
  if (messages?.inQueue === true) return { standing: 'queued' };
  if (messages?.undeliverable === true) return { standing: 'undeliverable' };
  return { standing: 'unaccounted', why: 'never-arrived' };
}
