import type { Cursor, CursorStore, GroupPause } from '../consumer/index.ts';
import type { Clock } from '../shared/time.ts';
import type { ConsumerPauseStore, ConsumerPolling, PauseLedger, PauseRecord } from './ports.ts';
import { type ResendDeps, type ResendResult, resend } from './resend.ts';

export interface PauseDeps {
  readonly cursors: CursorStore;
  readonly clock: Clock;
}

export interface PauseRequest {
  readonly group: string;
  /** The operator. */
  readonly by: string;
  readonly reason: string;
}

export type PauseResult =
  | { readonly kind: 'paused'; readonly pause: GroupPause; readonly cursor: Cursor }
  /** It was paused before. Nothing was written. */
  | { readonly kind: 'paused-before'; readonly pause: GroupPause; readonly cursor: Cursor }
  /** The consumer has not received an event of the group yet, so that nothing says where it would begin. */
  | { readonly kind: 'unknown' }
  /** Nothing was written, because the cursor changed at every attempt. */
  | { readonly kind: 'contended' };

/** Maximum number of attempts. New messages of the group also change the cursor. */
const MAX_ATTEMPTS = 10;

/**
 * Pauses a group of a consumer: events that arrive are recorded as seen and wait in the log, until `resumeGroup`. Their
 * messages are deleted, so that they use up no receives. An event that is being handled at this moment either commits
 * first, or commits nothing and waits.
 */
export async function pauseGroup({ cursors, clock }: PauseDeps, request: PauseRequest): Promise<PauseResult> {
  const { group, by, reason } = request;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const cursor = (await cursors.read([group])).get(group);
    if (cursor === undefined) return { kind: 'unknown' };
    if (cursor.paused !== undefined) return { kind: 'paused-before', pause: cursor.paused, cursor };
    const paused: GroupPause = { since: clock.now(), by, reason };
    const outcome = await cursors.save(group, cursor, { ...cursor, paused });
    if (outcome === 'saved') return { kind: 'paused', pause: paused, cursor };
  }
  return { kind: 'contended' };
}

export interface ResumeDeps extends ResendDeps {
  readonly consumer: string;
  readonly cursors: CursorStore;
  readonly pauses: PauseLedger;
  readonly clock: Clock;
}

export type ResumeResult =
  /** @see PauseRecord */
  | { readonly kind: 'resumed'; readonly record: PauseRecord; readonly resent: ResendResult | undefined }
  /**
   * It was not paused. The group's next event was resent all the same, if the group has one, in case an earlier call was
   * interrupted.
   */
  | { readonly kind: 'not-paused'; readonly resent: ResendResult | undefined }
  /** Nothing was written, because the cursor changed at every attempt. */
  | { readonly kind: 'contended' };

/**
 * Ends the pause of a group and resends its next event; the consumer reads the others from the log. The cursor and the
 * record of the pause are written in one transaction. If the process crashes before it resends, repeat the call.
 */
export async function resumeGroup(
  deps: ResumeDeps,
  { group, by }: Omit<PauseRequest, 'reason'>,
): Promise<ResumeResult> {
  const { consumer, cursors, pauses, clock } = deps;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const cursor = (await cursors.read([group])).get(group);
    if (cursor?.paused === undefined) return { kind: 'not-paused', resent: await resendNext(deps, group, cursor) };
    const { paused, ...resumed } = cursor;
    const record = { consumer, group, ...paused, resumedAt: clock.now(), resumedBy: by };
    const change = cursors.change(group, cursor, resumed);
    if ((await pauses.commit(change, record)) === 'conflict') continue;
    return { kind: 'resumed', record, resent: await resendNext(deps, group, resumed) };
  }
  return { kind: 'contended' };
}

/** The message of a dead letter is in the DLQ; a resent one would try it again, which nobody has asked for. */
async function resendNext(
  deps: ResumeDeps,
  group: string,
  cursor: Cursor | undefined,
): Promise<ResendResult | undefined> {
  if (cursor === undefined || cursor.blockedBy?.state === 'dead') return undefined;
  return resend(deps, group);
}

export interface ConsumerPauseDeps {
  readonly consumer: string;
  readonly store: ConsumerPauseStore;
  readonly polling: ConsumerPolling;
  readonly clock: Clock;
}

/**
 * Pauses a consumer: Lambda receives no more messages of its queue, where they wait. What was received is still handled.
 * Safe to repeat: if an earlier call was interrupted, this one ends it.
 * @returns the pause that holds now, which may be an earlier one
 */
export async function pauseConsumer(
  { store, polling, clock }: ConsumerPauseDeps,
  { by, reason }: Omit<PauseRequest, 'group'>,
): Promise<GroupPause> {
  // the record first: nobody finds a consumer that does nothing, and no word why
  const pause = await store.begin({ since: clock.now(), by, reason });
  await polling.setEnabled(false);
  return pause;
}

/**
 * Ends the pause of a consumer. Safe to repeat. Also enables a mapping that was disabled in another way.
 * @returns the record of the pause; undefined if there was none
 */
export async function resumeConsumer(
  { consumer, store, polling, clock }: ConsumerPauseDeps,
  { by }: Pick<PauseRequest, 'by'>,
): Promise<PauseRecord | undefined> {
  const pause = await store.find();
  await polling.setEnabled(true);
  if (pause === undefined) return undefined;
  const record = { consumer, group: undefined, ...pause, resumedAt: clock.now(), resumedBy: by };
  await store.end(record);
  return record;
}
