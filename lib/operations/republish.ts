import type { EventKey, PendingMarker, PendingTable, QuarantineNote } from '../outbox/index.ts';
import type { Clock } from '../shared/time.ts';
import type { OperatorTrail } from './operator-trail.ts';
import type { LogReader } from './ports.ts';

/** An event that relay and sweeper have given up, so that no consumer receives it. */
export interface QuarantinedEvent extends Pick<PendingMarker, 'group' | 'sequence' | 'committedAt'> {
  readonly quarantined: QuarantineNote;
}

/** Lists quarantined events, page by page. Scans the pending table, which is small unless the relay is behind. */
export async function* listQuarantined(
  pending: PendingTable,
  signal: AbortSignal,
): AsyncGenerator<readonly QuarantinedEvent[]> {
  for await (const markers of pending.pages(signal)) {
    const found = markers.flatMap(({ group, sequence, committedAt, quarantined }) =>
      quarantined === undefined ? [] : [{ group, sequence, committedAt, quarantined }],
    );
    if (found.length > 0) yield found;
  }
}

/** Takes events out of quarantine. */
export interface Quarantine {
  /** @returns 'not-quarantined' if the event was published, or released before: nothing was changed */
  release(place: EventKey): Promise<'released' | 'not-quarantined'>;
}

export interface RepublishDeps {
  readonly log: Pick<LogReader, 'find'>;
  readonly quarantine: Quarantine;
  readonly trail: OperatorTrail;
  readonly clock: Clock;
}

export interface RepublishRequest extends EventKey {
  /** The operator. */
  readonly by: string;
  readonly reason: string;
}

export type RepublishResult =
  /** The sweeper publishes it at its next run, as it does with every event that the relay has left. */
  | { readonly kind: 'released'; readonly eventId: string; readonly eventType: string }
  | { readonly kind: 'not-quarantined' }
  /** The log no longer has it: there is nothing to publish. */
  | { readonly kind: 'gone' };

/**
 * Lets the sweeper publish a quarantined event. What it cannot publish is quarantined again, with its reason. The trail is
 * written first: nothing is changed without a word who did it.
 */
export async function republish(
  { log, quarantine, trail, clock }: RepublishDeps,
  { group, sequence, by, reason }: RepublishRequest,
): Promise<RepublishResult> {
  const event = await log.find({ group, sequence });
  if (event === undefined) return { kind: 'gone' };
  const to = { group, sequence, eventId: event.id, eventType: event.type };
  await trail.add({ at: clock.now(), by, reason, what: 'republish', to });
  if ((await quarantine.release({ group, sequence })) === 'not-quarantined') return { kind: 'not-quarantined' };
  return { kind: 'released', eventId: event.id, eventType: event.type };
}
