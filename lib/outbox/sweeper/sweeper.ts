import { BATCH_GET_MAX_KEYS, METRIC } from '../../definitions/index.ts';
import { type Backoff, type PauseDeps, pause } from '../../shared/backoff.ts';
import { addMs, type EpochMs, toTimestamp } from '../../shared/time.ts';
import type { EventKey, PendingMarker } from '../event-record.ts';
import type { OutboxRecord } from '../relay/ports.ts';
import type { Relay, RelayReport } from '../relay/relay.ts';
import type { OutboxLogger, OutboxMetrics } from '../telemetry.ts';
import { type Overview, scanPending } from './pending-overview.ts';
import type { OutboxLog, PendingTable } from './ports.ts';

/** How much of the outbox a run of the sweeper processes. */
interface SweepLimits {
  /** The age from which the sweeper publishes an event. */
  readonly sweepAfterMs: number;
  /** Maximum events per run. */
  readonly maxEvents: number;
}

/** Limits of a run, unless the run is given others. */
export interface SweeperDeps extends PauseDeps, SweepLimits {
  readonly table: PendingTable;
  readonly log: OutboxLog;
  /** Publishes, deletes markers and quarantines, in the same way as for the stream's batches. */
  readonly relay: Pick<Relay, 'run'>;
  /** `AbortSignal.timeout`, or a test's replacement. */
  signalAfter(ms: number): AbortSignal;
  readonly logger: Pick<OutboxLogger, 'info' | 'warn'>;
  /** Collects metrics; the caller emits them. */
  readonly metrics: OutboxMetrics;
}

export interface SweepReport {
  /** Unpublished events when the run started, of any age. */
  readonly pending: number;
  /** Quarantined events when the run started. */
  readonly quarantined: number;
  /** Age of the oldest pending event; 0 if there is none. */
  readonly oldestAgeMs: number;
  /** False if the table was too large to read; the counts are then too low, and older events may exist. */
  readonly isComplete: boolean;
  /** Events that the run selected. */
  readonly due: number;
  readonly swept: number;
  /** Events that this run quarantined. */
  readonly newlyQuarantined: number;
  /** Selected events that the run did not finish; the next run continues. */
  readonly left: number;
}

export interface Sweeper {
  /**
   * Publishes events that have been pending for too long, oldest first and each group in sequence order. It may run
   * concurrently with the relay or another sweeper: a marker is deleted only after its event is on the bus, a second
   * publication is identical, and consumers recognize the event's id.
   * @param remainingMs remaining time of the invocation
   * @param limits of this run only
   */
  run(remainingMs: number, limits?: Partial<SweepLimits>): Promise<SweepReport>;
}

/**
 * Maximum fraction of the time for reading the pending table, so that a table with millions of markers does not prevent
 * publishing.
 */
const LOOK_MAX_RATIO = 0.5;

/** Time for the metrics, the log and the response. */
const ANSWER_RESERVE_MS = 500;

/** An event that fails repeatedly must not use up the time of all others. */
const BATCH_MAX_MS = 10_000;

/** Below this, a batch is not started: the relay reserves up to half of it for deleting markers. */
const BATCH_MIN_MS = 1_000;

export function createSweeper(deps: SweeperDeps): Sweeper {
  const { clock, logger, metrics } = deps;

  const look = (startedAt: EpochMs, remainingMs: number, limits: SweepLimits): Promise<Overview> => {
    const lookMs = Math.floor(remainingMs * LOOK_MAX_RATIO);
    return scanPending(deps.table, {
      committedUpTo: addMs(startedAt, -limits.sweepAfterMs),
      limit: limits.maxEvents,
      // a page read that hangs ends the run
      signal: deps.signalAfter(Math.max(0, remainingMs - ANSWER_RESERVE_MS)),
      hasTime: () => clock.now() < addMs(startedAt, lookMs),
    });
  };

  const sweepBatch = async (markers: readonly PendingMarker[], budgetMs: number): Promise<RelayReport> => {
    const until = addMs(clock.now(), budgetMs);
    const { records, unread } = await readEvents(deps, markers, { until, signal: deps.signalAfter(budgetMs) });
    const unreadGroups = new Set(unread.map(({ group }) => group));
    const report = await deps.relay.run(
      records.filter((record) => !unreadGroups.has(groupOf(record))),
      until - clock.now(),
    );
    return { ...report, stoppedGroups: new Set([...unreadGroups, ...report.stoppedGroups]) };
  };

  return {
    async run(remainingMs, limits = {}) {
      const startedAt = clock.now();
      const endsAt = addMs(startedAt, remainingMs - ANSWER_RESERVE_MS);
      const { due, oldestCommittedAt, ...overview } = await look(startedAt, remainingMs, { ...deps, ...limits });
      // a producer's clock may be ahead of this one
      const oldestAgeMs = Math.max(0, startedAt - (oldestCommittedAt ?? startedAt));
      metrics.addMetric(METRIC.pendingEvents, 'Count', overview.pending);
      metrics.addMetric(METRIC.oldestPendingAge, 'Milliseconds', oldestAgeMs);

      let swept = 0;
      let newlyQuarantined = 0;
      for (let rest = due; rest.length > 0; ) {
        const budgetMs = Math.min(endsAt - clock.now(), BATCH_MAX_MS);
        if (budgetMs < BATCH_MIN_MS) break;
        const { published, quarantined, stoppedGroups } = await sweepBatch(rest.slice(0, BATCH_GET_MAX_KEYS), budgetMs);
        swept += published;
        newlyQuarantined += quarantined;
        rest = rest.slice(BATCH_GET_MAX_KEYS).filter(({ group }) => !stoppedGroups.has(group));
      }
      metrics.addMetric(METRIC.eventsSwept, 'Count', swept);

      const left = due.length - swept - newlyQuarantined;
      const report: SweepReport = { ...overview, oldestAgeMs, due: due.length, swept, newlyQuarantined, left };
      const fields = { ...report, durationMs: clock.now() - startedAt };
      if (left > 0) logger.warn('swept the pending table; some events are left for the next run', fields);
      else logger.info('swept the pending table', fields);
      return report;
    },
  };
}

const groupOf = (record: OutboxRecord): string =>
  record.kind === 'event' ? record.event.group : (record.key?.group ?? '');

interface ReadEvents {
  /** The events to publish and to quarantine, in the order of the markers. */
  readonly records: readonly OutboxRecord[];
  /** Keys that were not read in time. */
  readonly unread: readonly EventKey[];
}

/**
 * A response holds at most 16 MB, so large events need several rounds without a wait. A throttled table needs a wait.
 */
const BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

/**
 * Reads the events of markers from the log. Keys that the service leaves unprocessed are read again until time is up.
 * @param markers at most `BATCH_GET_MAX_KEYS`
 */
async function readEvents(
  deps: PauseDeps & { readonly log: OutboxLog },
  markers: readonly PendingMarker[],
  window: { readonly until: EpochMs; readonly signal: AbortSignal },
): Promise<ReadEvents> {
  const records = new Map<PendingMarker, OutboxRecord>();
  let open = markers;

  for (let attempt = 1; ; attempt += 1) {
    const asked = open;
    const entries = await deps.log.read(asked, window.signal);
    open = asked.filter((marker, index) => {
      const entry = entries[index] ?? ({ status: 'unread' } as const);
      if (entry.status === 'unread') return true;
      const position = String(markers.indexOf(marker) + 1);
      records.set(marker, entry.status === 'gone' ? goneRecord(marker, position) : { position, ...entry.item });
      return false;
    });
    if (open.length === 0) break;
    if (!(await pause(deps, BACKOFF, attempt, window.until))) break;
  }

  return { records: markers.flatMap((marker) => records.get(marker) ?? []), unread: open };
}

const goneRecord = ({ group, sequence, committedAt }: PendingMarker, position: string): OutboxRecord => ({
  kind: 'unpublishable',
  position,
  key: { group, sequence },
  reason: {
    code: 'EVENT_GONE',
    message:
      `the outbox log no longer holds this event, committed at ${toTimestamp(committedAt)}: ` +
      'it was pending for longer than the log keeps events, or it was deleted',
  },
});
