import type { Blocker, Cursor, CursorStore } from '../consumer/index.ts';
import type { EventKey } from '../outbox/index.ts';
import type { Clock } from '../shared/time.ts';
import type { SkipLedger, SkipRecord } from './ports.ts';
import { type ResendDeps, type ResendResult, resend } from './resend.ts';

export interface SkipDeps extends ResendDeps {
  readonly consumer: string;
  readonly cursors: CursorStore;
  readonly skips: SkipLedger;
  readonly clock: Clock;
}

export interface SkipRequest extends EventKey {
  /** Who asks for it. */
  readonly by: string;
  /** Why the event need not be handled. */
  readonly reason: string;
}

export type SkipResult =
  /** The cursor is past the event, and the group goes on. */
  | { readonly kind: 'skipped'; readonly record: SkipRecord; readonly resent: ResendResult }
  /** It was skipped before; in case nobody came to resend then, the group was resent to, unless it waits again. */
  | { readonly kind: 'skipped-before'; readonly record: SkipRecord; readonly resent: ResendResult | undefined }
  /** Nothing was written: the group waits for another event, or for none. */
  | { readonly kind: 'refused'; readonly blockedBy: Blocker | undefined; readonly cursor: Cursor | undefined }
  /** Nothing was written: others were first again and again. */
  | { readonly kind: 'contended' };

/** How often others may be first: messages that arrive behind the event move the cursor, too. */
const MAX_ATTEMPTS = 10;

/**
 * Lets a consumer step over the event that its group waits for: exactly this one, or nothing happens. The cursor's
 * move and the record of it are one transaction; then the group is resent its next event, so that it goes on. When the process dies
 * between the two, the group stands still until the same call is made again, which only resends, or until an audit does.
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
    const past: Cursor = { ...cursor, processed: request.sequence, blockedBy: undefined };
    if ((await skips.commit(cursors.change(request.group, cursor, past), record)) === 'committed') {
      return { kind: 'skipped', record, resent: await resend(deps, request.group) };
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
