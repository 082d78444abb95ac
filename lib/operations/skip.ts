import { advance, type Blocker, type Cursor, type CursorStore, type FailureNotes } from '../consumer/index.ts';
import type { EventKey } from '../outbox/index.ts';
import type { Clock } from '../shared/time.ts';
import type { SkipLedger, SkipRecord } from './ports.ts';
import { type ResendDeps, type ResendResult, resend } from './resend.ts';

export interface SkipDeps extends ResendDeps {
  readonly consumer: string;
  readonly cursors: CursorStore;
  readonly skips: SkipLedger;
  readonly notes: Pick<FailureNotes, 'resolve'>;
  readonly clock: Clock;
}

export interface SkipRequest extends EventKey {
  /** The operator. */
  readonly by: string;
  /** Why the event does not have to be processed. */
  readonly reason: string;
}

export type SkipResult =
  /** The cursor was moved past the event. */
  | { readonly kind: 'skipped'; readonly record: SkipRecord; readonly resent: ResendResult }
  /**
   * It was skipped before. Resent the group's next event, in case the earlier call was interrupted, unless the group is
   * blocked again.
   */
  | { readonly kind: 'skipped-before'; readonly record: SkipRecord; readonly resent: ResendResult | undefined }
  /** Nothing was written: another event blocks the group, or none. */
  | { readonly kind: 'refused'; readonly blockedBy: Blocker | undefined; readonly cursor: Cursor | undefined }
  /** Nothing was written, because the cursor changed at every attempt. */
  | { readonly kind: 'contended' };

/** Maximum number of attempts. New messages of the group also change the cursor. */
const MAX_ATTEMPTS = 10;

/**
 * Moves a consumer's cursor past the event that blocks its group. Does nothing if another event blocks it. The cursor
 * and the skip record are written in one transaction. Then the group's next event is resent. If the process crashes in
 * between, repeat the call, which then only resends, or run an audit.
 */
export async function skip(deps: SkipDeps, request: SkipRequest): Promise<SkipResult> {
  const { cursors, skips } = deps;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const cursor = (await cursors.read([request.group])).get(request.group);
    const blockedBy = cursor?.blockedBy;
    if (cursor === undefined || blockedBy?.sequence !== request.sequence) {
      const record = cursor && (await skips.find(request, cursor.generation));
      if (record === undefined) return { kind: 'refused', blockedBy, cursor };
      const resent = blockedBy === undefined ? await resend(deps, request.group) : undefined;
      return { kind: 'skipped-before', record, resent };
    }
    const record = await recordOf(deps, request, cursor, blockedBy);
    const past = advance(cursor, request.sequence);
    if ((await skips.commit(cursors.change(request.group, cursor, past), record)) === 'committed') {
      const resent = await resend(deps, request.group);
      if (record.eventId !== undefined) await deps.notes.resolve(record.eventId);
      return { kind: 'skipped', record, resent };
    }
  }
  return { kind: 'contended' };
}

async function recordOf(
  { consumer, log, clock }: SkipDeps,
  { group, sequence, by, reason }: SkipRequest,
  { generation }: Cursor,
  blockedBy: Blocker,
): Promise<SkipRecord> {
  const event = await log.find({ group, sequence });
  return {
    consumer,
    group,
    sequence,
    eventId: event?.id,
    eventType: event?.type,
    by,
    reason,
    at: clock.now(),
    waitedSince: blockedBy.since,
    failure: blockedBy.reason,
    generation,
  };
}
