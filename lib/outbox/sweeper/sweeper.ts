import { BATCH_GET_MAX_KEYS, METRIC } from '../../definitions/index.ts';
import { type Backoff, type PauseDeps, pause } from '../../shared/backoff.ts';
import { addMs, type EpochMs, toTimestamp } from '../../shared/time.ts';
import type { EventKey, PendingMarker } from '../event-record.ts';
import type { OutboxRecord } from '../relay/ports.ts';
import type { Relay, RelayReport } from '../relay/relay.ts';
import type { OutboxLogger, OutboxMetrics } from '../telemetry.ts';
import { lookThrough, type Overview } from './pending-overview.ts';
import type { OutboxLog, PendingTable } from './ports.ts';

export interface SweeperDeps extends PauseDeps {
  readonly table: PendingTable;
  readonly log: OutboxLog;
  /** Publishes, clears markers, quarantines: what the stream's relay does with a batch, this does with another. */
  readonly relay: Pick<Relay, 'run'>;
  /** Age from which an event is no longer left to the relay of the stream. */
  readonly sweepAfterMs: number;
  /** How many events a run takes on at most. */
  readonly maxEvents: number;
  /** `AbortSignal.timeout`, or a test's own. */
  signalAfter(ms: number): AbortSignal;
  readonly logger: Pick<OutboxLogger, 'info' | 'warn'>;
  /** Metrics are added to it; whoever owns it emits them. */
  readonly metrics: OutboxMetrics;
}

export interface SweepReport {
  /** Events that wait to be published, whatever their age, when the run began. */
  readonly pending: number;
  /** Events that could never be published as they are, when the run began. */
  readonly quarantined: number;
  /** Of what was pending; 0 when nothing was. */
  readonly oldestAgeMs: number;
  /** False when the table was too large to be looked through: the counts are then too low, and older events may exist. */
  readonly isComplete: boolean;
  /** Events that the run took on. */
  readonly due: number;
  readonly swept: number;
  /** Events that turned out to be unpublishable in this run. */
  readonly newlyQuarantined: number;
  /** Events that the run took on and did not come to an end with; the next run does. */
  readonly left: number;
}

export interface Sweeper {
  /**
   * Publishes what has been pending for too long, oldest first and each group in the order of its sequences. Beside a
   * relay or another sweeper at the same work it is harmless: a marker goes only after its event is on the bus, the
   * bytes of a second publication are the same, and consumers know the event's id.
   * @param remainingMs what is left of the invocation
   */
  run(remainingMs: number): Promise<SweepReport>;
}

/** Looking may take this much of the time, so that a table of millions does not keep a run from publishing anything. */
const LOOK_MAX_RATIO = 0.5;

/** For the metrics, the log and the answer. */
const ANSWER_RESERVE_MS = 500;

/** One event that the bus fails again and again must not use up the time of all others. */
const BATCH_MAX_MS = 10_000;

/** Less is not worth a start: the relay keeps up to half of it for clearing markers. */
const BATCH_MIN_MS = 1_000;

export function createSweeper(deps: SweeperDeps): Sweeper {
  const { clock, logger, metrics } = deps;

  const look = (startedAt: EpochMs, remainingMs: number): Promise<Overview> => {
    const lookMs = Math.floor(remainingMs * LOOK_MAX_RATIO);
    return lookThrough(deps.table, {
      committedUpTo: addMs(startedAt, -deps.sweepAfterMs),
      limit: deps.maxEvents,
      // a page that hangs ends the run, at a time when nothing else could be done any more
      signal: deps.signalAfter(Math.max(0, remainingMs - ANSWER_RESERVE_MS)),
      goesOn: () => clock.now() < addMs(startedAt, lookMs),
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
    async run(remainingMs) {
      const startedAt = clock.now();
      const endsAt = addMs(startedAt, remainingMs - ANSWER_RESERVE_MS);
      const { due, oldestCommittedAt, ...overview } = await look(startedAt, remainingMs);
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
  /** What there is to publish, and to quarantine, in the order of the markers. */
  readonly records: readonly OutboxRecord[];
  /** What time did not suffice for. */
  readonly unread: readonly EventKey[];
}

/** A response holds 16 MB, so large events take several rounds: they need no wait, a throttled table does. */
const BACKOFF: Backoff = { baseMs: 50, capMs: 1_000 };

/**
 * Reads the events of markers from the log; what the service leaves unprocessed is asked for again until time is up.
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
      'it waited for longer than the log keeps events, or somebody deleted it',
  },
});
