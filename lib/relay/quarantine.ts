import { readGroup } from '../contracts/index.ts';
import type { OutboxEvent } from '../event/index.ts';
import { MARKER_BACKOFF } from './clear-markers.ts';
import { type PauseDeps, pause } from './pause.ts';
import type { EventKey, Failure, PendingMarkers, QuarantineResult } from './ports.ts';
import { createSlots } from './slots.ts';
import type { RelayLogger } from './telemetry.ts';
import type { TimeWindow } from './time-window.ts';

/** Something that can never be published as it is. */
export interface Quarantinable {
  readonly position: string;
  /** Undefined when the record does not say where it stands; then no marker can be meant. */
  readonly key: EventKey | undefined;
  /** Undefined when the record could not be read. */
  readonly event: OutboxEvent | undefined;
  readonly reason: Failure;
}

export interface NotNoted {
  readonly position: string;
  readonly failure: Failure;
}

export interface QuarantineDeps extends PauseDeps {
  readonly markers: PendingMarkers;
  readonly logger: Pick<RelayLogger, 'error'>;
}

/** Quarantine is rare; when it is not, the notes must not crowd out the deletions beside them. */
const CONCURRENT_NOTES = 4;

/**
 * Notes on each marker why its event stays where it is, and says so in the log. An event without a marker has been
 * dealt with by somebody else; it is logged all the same.
 * @returns those whose note could not be written: their reason would be lost, so they have to come again
 */
export async function quarantine(
  deps: QuarantineDeps,
  items: readonly Quarantinable[],
  window: TimeWindow,
): Promise<NotNoted[]> {
  const note = async (key: EventKey, reason: Failure): Promise<QuarantineResult> => {
    for (let attempt = 1; ; attempt += 1) {
      const result = await deps.markers.quarantine(key, reason, deps.clock.now(), window.signal);
      if (result.status !== 'failed') return result;
      const again = result.retryable && (await pause(deps, MARKER_BACKOFF, attempt, window.until));
      if (!again) return result;
    }
  };

  const slots = createSlots(CONCURRENT_NOTES);
  const notNoted: NotNoted[] = [];
  const handle = async ({ position, key, event, reason }: Quarantinable) => {
    const result = key === undefined ? ({ status: 'absent' } as const) : await note(key, reason);
    if (result.status === 'failed') notNoted.push({ position, failure: result.failure });
    deps.logger.error('an event can never be published as it is', {
      position,
      eventId: event?.id,
      eventType: event?.type,
      group: key?.group,
      tenant_id: key === undefined ? undefined : readGroup(key.group)?.tenantId,
      sequence: key?.sequence,
      reason,
      marker: result,
    });
  };
  await Promise.all(items.map((item) => slots.run(() => handle(item))));
  return notNoted;
}
