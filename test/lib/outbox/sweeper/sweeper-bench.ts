import type { EventRecord } from '../../../../lib/outbox/event-record.ts';
import { createRelay, type Relay } from '../../../../lib/outbox/relay/relay.ts';
import type { OutboxLog, PendingTable } from '../../../../lib/outbox/sweeper/ports.ts';
import { createSweeper, type Sweeper } from '../../../../lib/outbox/sweeper/sweeper.ts';
import type { OutboxMetrics } from '../../../../lib/outbox/telemetry.ts';
import { addMs, type EpochMs } from '../../../../lib/shared/time.ts';
import {
  createInMemoryEventPublisher,
  type InMemoryEventPublisher,
  type InMemoryEventPublisherOptions,
} from '../../../../lib/testing/in-memory-event-publisher.ts';
import { createInMemoryOutboxLog, type InMemoryOutboxLog } from '../../../../lib/testing/in-memory-outbox-log.ts';
import {
  createInMemoryPendingMarkers,
  type InMemoryPendingMarkers,
} from '../../../../lib/testing/in-memory-pending-markers.ts';
import { createInMemoryPendingTable } from '../../../../lib/testing/in-memory-pending-table.ts';
import { createVirtualTime, type VirtualTime } from '../../../fixtures/virtual-time.ts';

/** 2023-11-14T22:13:20Z */
const T0 = 1_700_000_000_000 as EpochMs;

const SWEEP_AFTER_MS = 120_000;

/** @param ageMs how long before T0 it was committed */
export function pendingEvent(group: string, sequence: number, ageMs: number): EventRecord {
  const id = `${group}-${sequence}`;
  const body = JSON.stringify({ id, partitionkey: group });
  const committedAt = addMs(T0, -ageMs);
  return { group, sequence, id, source: '/orders', type: 'com.example.order.placed', body, committedAt };
}

export interface SweeperBench {
  readonly sweeper: Sweeper;
  /** The relay of the stream, at the same bus and markers. */
  readonly relay: Relay;
  readonly publisher: InMemoryEventPublisher;
  readonly markers: InMemoryPendingMarkers;
  readonly log: InMemoryOutboxLog;
  readonly time: VirtualTime;
  readonly metrics: Map<string, number[]>;
  /** By name of the metric. */
  readonly units: Map<string, string>;
  readonly logs: { level: string; message: string; fields: unknown }[];
  /** Ids of what the bus took, in order. */
  accepted(): string[];
}

export interface SweeperBenchOptions {
  /** @default - collected in `metrics` */
  readonly emitTo?: OutboxMetrics;
  readonly publisher?: InMemoryEventPublisherOptions | ((time: VirtualTime) => InMemoryEventPublisherOptions);
  /** Events whose marker is there and that the log has no more. @default - none */
  readonly gone?: readonly EventRecord[];
  readonly unprocessed?: (key: { readonly group: string }, request: number) => boolean;
  /** @default 1000 */
  readonly maxEvents?: number;
  /** @default 3 */
  readonly pageSize?: number;
  /** Runs before each page of the table. @default - looking takes no time */
  readonly beforePage?: (time: VirtualTime) => Promise<void>;
  /** Runs before each read of the log. @default - reading takes no time */
  readonly beforeRead?: (time: VirtualTime) => Promise<void>;
}

const idOf = ({ detail }: { readonly detail: string }): string => /"id":"([^"]*)"/.exec(detail)?.[1] ?? detail;

/** A sweeper and a relay over in-memory ports and virtual time; each event is in the log and has a marker. */
export function setUp(events: readonly EventRecord[], options: SweeperBenchOptions = {}): SweeperBench {
  const { gone = [], unprocessed, beforePage = async () => {}, beforeRead = async () => {} } = options;
  const time = createVirtualTime(T0);
  const metrics = new Map<string, number[]>();
  const units = new Map<string, string>();
  const logs: SweeperBench['logs'] = [];
  const logAs =
    (level: string) =>
    (message: string, fields: unknown): void =>
      void logs.push({ level, message, fields });
  const publisher = createInMemoryEventPublisher(
    typeof options.publisher === 'function' ? options.publisher(time) : options.publisher,
  );
  const markers = createInMemoryPendingMarkers();
  markers.put(...events, ...gone);
  const committedAt = new Map([...events, ...gone].map((event) => [event.id, event.committedAt]));
  const log = createInMemoryOutboxLog({ events, ...(unprocessed === undefined ? {} : { unprocessed }) });
  const slowLog: OutboxLog = {
    async read(keys, signal) {
      await beforeRead(time);
      return log.read(keys, signal);
    },
  };
  const table = createInMemoryPendingTable({
    markers,
    committedAtOf: ({ group, sequence }) => committedAt.get(`${group}-${sequence}`) ?? T0,
    pageSize: options.pageSize ?? 3,
  });
  const slowTable: PendingTable = {
    async *pages(signal) {
      for await (const page of table.pages(signal)) {
        await beforePage(time);
        yield page;
      }
    },
  };
  const common = {
    ...time,
    random: () => 0.5,
    logger: { info: logAs('info'), warn: logAs('warn'), error: logAs('error') },
    metrics: options.emitTo ?? {
      addMetric: (name: string, unit: string, value: number) => {
        metrics.set(name, [...(metrics.get(name) ?? []), value]);
        units.set(name, unit);
      },
    },
  };
  const relay = createRelay({ ...common, publisher, markers });
  const sweeper = createSweeper({
    ...common,
    relay,
    table: slowTable,
    log: slowLog,
    sweepAfterMs: SWEEP_AFTER_MS,
    maxEvents: options.maxEvents ?? 1_000,
  });
  return {
    sweeper,
    relay,
    publisher,
    markers,
    log,
    time,
    metrics,
    units,
    logs,
    accepted: () => publisher.accepted.map(idOf),
  };
}
