import type { ConsumerQueue } from '../consumer/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createReconciliation, type Finding, type ReconcileDeps, type ReconciledConsumer } from './reconcile.ts';
import { WAITING_PLACES } from './standing.ts';

/** A consumer whose lost events can be resent. */
export interface AuditedConsumer extends ReconciledConsumer {
  readonly queue: Pick<ConsumerQueue, 'resend'>;
}

export interface AuditDeps extends Omit<ReconcileDeps, 'consumers'> {
  readonly consumers: readonly AuditedConsumer[];
  /** Limits resending, in messages per second. */
  readonly resendLimiter: RateLimiter;
}

export interface AuditOptions {
  /** Younger events count as under way. */
  readonly graceMs: number;
  /** Whether to resend missing events or only report them. */
  readonly resend: boolean;
  /**
   * Whether to also report blocking events and failed events. Their messages are lost if the consumer's queue was
   * replaced.
   * @default false
   */
  readonly waiting?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** Counts of events, once for each consumer that takes them. */
export interface AuditProgress {
  /** Items of the log. */
  readonly items: number;
  readonly readUnits: number;
  readonly groups: number;
  /** Younger than the grace period, or being handled. */
  readonly underWay: number;
  /** In a place with a name. */
  readonly waiting: number;
  /** Neither handled nor in such a place. */
  readonly missing: number;
}

/** An event that a consumer has not handled, although no message may lead to it. */
export interface MissingEvent {
  readonly kind: Finding['kind'];
  readonly consumer: string;
  /**
   * Of a strict consumer, the group's last event: its message makes the consumer process all earlier events too. Of a
   * blocked group, the event that blocks it.
   */
  readonly event: EventSummary;
  /** Undefined if the consumer has no cursor for the group. */
  readonly processed: number | undefined;
  /** Whether the consumer received its message. */
  readonly seen: boolean;
  readonly resent: boolean;
}

/**
 * Finds events that were lost on the way to a consumer, and resends them: one reconciliation of the whole log, for which
 * the queues are no evidence, so that events that wait in a long queue are found, too.
 */
export async function* audit(deps: AuditDeps, options: AuditOptions): AsyncGenerator<MissingEvent, AuditProgress> {
  const { log, resendLimiter } = deps;
  const queues = new Map(deps.consumers.map(({ name, queue }) => [name, queue]));
  const consumers = deps.consumers.map((consumer) => ({ ...consumer, depths: undefined }));
  const { graceMs, waiting } = options;
  const reconciliation = createReconciliation(
    { ...deps, consumers },
    { graceMs, waiting, confirmAfterMs: 0, checkLog: false },
  );
  let missing = 0;
  const progress = (): AuditProgress => {
    const { items, readUnits, groups, standings } = reconciliation.tally();
    const waits = WAITING_PLACES.reduce((sum, place) => sum + standings[place], 0);
    return { items, readUnits, groups, underWay: standings['under-way'], waiting: waits, missing };
  };

  const resend = async ({ consumer, event }: Finding): Promise<boolean> => {
    const stored = event && (await log.find(event));
    if (stored === undefined) return false;
    await resendLimiter.spend(1);
    await queues.get(consumer ?? '')?.resend(stored.group, stored.body);
    return true;
  };

  const confirmed = async function* (): AsyncGenerator<MissingEvent> {
    for (const finding of await reconciliation.confirm()) {
      const { consumer, kind, event, cursor } = finding;
      // a cursor that is gone loses nothing: it is made anew
      if (consumer === undefined || kind === 'cursor-gone' || event === undefined) continue;
      if (kind !== 'waiting') missing += finding.events;
      yield {
        kind,
        consumer,
        event,
        processed: cursor?.processed,
        seen: cursor !== undefined && cursor.seen >= event.sequence,
        resent: options.resend && (await resend(finding)),
      };
    }
  };

  let position = await reconciliation.step({ segment: 0, segments: 1 });
  for (; ; position = await reconciliation.step(position)) {
    if (position === undefined || reconciliation.isFull()) yield* confirmed();
    options.onProgress?.(progress());
    if (position === undefined) return progress();
  }
}
