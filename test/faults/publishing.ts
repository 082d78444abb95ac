import type { StoredEvent } from '../../lib/outbox/index.ts';
import { createInMemoryPendingMarkers } from '../../lib/relay/in-memory-pending-markers.ts';
import { createRelay, type Relay } from '../../lib/relay/index.ts';
import type { RelayDeps } from '../../lib/relay/relay.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { createInMemoryOutboxLog } from '../../lib/sweeper/in-memory-outbox-log.ts';
import { createInMemoryPendingTable } from '../../lib/sweeper/in-memory-pending-table.ts';
import { createSweeper } from '../../lib/sweeper/index.ts';
import type { Execution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import { reachBus, reachMarkers } from './ports/relay.ts';
import { reachOutboxLog, reachPendingTable } from './ports/sweeper.ts';
import { silentLogger, silentMetrics } from './ports/telemetry.ts';
import type { Bus } from './services/bus.ts';
import { createStream } from './services/stream.ts';

/** What carries events from the outbox to the bus: the stream's relay, and the sweeper. */
export interface Publishing {
  /** An event was committed. */
  onCommitted(event: StoredEvent): void;
  isPending(event: StoredEvent): boolean;
  sweep(): void;
  /** Somebody has mended what kept events from being published; the next sweep takes them. */
  mendQuarantined(): void;
}

const RELAY_TIMEOUT_MS = 8_000;
const SWEEPER_TIMEOUT_MS = 30_000;
const SWEEP_AFTER_MS = 2_000;

export function createPublishing(base: Foundation, bus: Bus): Publishing {
  const { sim, dealer, lambda, committed, tables, planted } = base;
  const markers = createInMemoryPendingMarkers();

  const commonIn = (execution: Execution) => ({
    clock: sim,
    sleep: execution.sleep,
    random: sim.random,
    signalAfter: sim.signalAfter,
    logger: silentLogger,
    metrics: silentMetrics,
  });

  const relayIn = (execution: Execution): Relay => {
    const deps: RelayDeps = {
      ...commonIn(execution),
      publisher: reachBus(bus, committed.byBody, execution),
      markers: reachMarkers(markers, execution),
    };
    return createRelay(planted.relay?.(deps, { execution, tables }) ?? deps);
  };

  const stream = createStream({
    sim,
    dealer,
    relay: (records, done) =>
      lambda.invoke(
        'relay',
        RELAY_TIMEOUT_MS,
        (execution, context) => relayIn(execution).run(records, context.getRemainingTimeInMillis()),
        done,
      ),
  });

  const at = (group: string, sequence: number) => committed.ofGroup(group).find((event) => event.sequence === sequence);
  const table = createInMemoryPendingTable({
    markers,
    committedAtOf: ({ group, sequence }) => at(group, sequence)?.committedAt ?? (0 as EpochMs),
  });

  const sweep = () => {
    if (markers.keys().length === 0) return;
    dealer.count('sweep');
    const events = committed.logged.map(({ body, ...event }) => ({ ...event, event: body }));
    lambda.invoke(
      'sweeper',
      SWEEPER_TIMEOUT_MS,
      (execution, context) =>
        createSweeper({
          ...commonIn(execution),
          table: reachPendingTable(table, execution),
          log: reachOutboxLog(createInMemoryOutboxLog({ events }), execution),
          relay: relayIn(execution),
          sweepAfterMs: SWEEP_AFTER_MS,
          maxEvents: 100,
        }).run(context.getRemainingTimeInMillis()),
      () => {},
    );
  };

  return {
    onCommitted(event) {
      markers.put(event);
      stream.append(event);
    },
    isPending: (event) =>
      markers.keys().some(({ group, sequence }) => group === event.group && sequence === event.sequence),
    sweep,
    mendQuarantined() {
      for (const key of markers.keys()) if (markers.noteOf(key) !== undefined) markers.put(key);
    },
  };
}
