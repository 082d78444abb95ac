import type { EventKey, EventRecord } from '../../../../lib/outbox/event-record.ts';
import type { OutboxRecord } from '../../../../lib/outbox/relay/ports.ts';
import { createRelay, type Relay } from '../../../../lib/outbox/relay/relay.ts';
import type { OutboxMetrics } from '../../../../lib/outbox/telemetry.ts';
import { addMs, type EpochMs } from '../../../../lib/shared/time.ts';
import {
  createInMemoryEventPublisher,
  type InMemoryEventPublisher,
  type InMemoryEventPublisherOptions,
} from '../../../../lib/testing/in-memory-event-publisher.ts';
import {
  createInMemoryPendingMarkers,
  type InMemoryPendingMarkers,
  type InMemoryPendingMarkersOptions,
} from '../../../../lib/testing/in-memory-pending-markers.ts';
import { createVirtualTime, type VirtualTime } from '../../../fixtures/virtual-time.ts';

/** 2023-11-14T22:13:20Z */
export const T0 = 1_700_000_000_000 as EpochMs;

export const keyOf = (group: string, sequence: number): EventKey => ({ group, sequence });

/** @param position place in the stream */
export function eventRecord(
  position: number | string,
  group: string,
  sequence: number,
  more: Partial<EventRecord> = {},
): OutboxRecord {
  const id = `${group}-${sequence}`;
  const body = JSON.stringify({ id, partitionkey: group });
  const common = { id, source: '/orders', type: 'com.example.order.placed', committedAt: addMs(T0, -40) };
  return { kind: 'event', position: String(position), event: { group, sequence, body, ...common, ...more } };
}

export interface Bench {
  readonly relay: Relay;
  readonly publisher: InMemoryEventPublisher;
  readonly markers: InMemoryPendingMarkers;
  readonly time: VirtualTime;
  readonly metrics: Map<string, number[]>;
  /** By name of the metric. */
  readonly units: Map<string, string>;
  readonly logs: { level: string; message: unknown; fields: unknown }[];
  /** Ids of what the bus took, in order. */
  accepted(): string[];
  /** Ids by request. */
  requested(): string[][];
}

export interface BenchOptions {
  /** @default - collected in `metrics` */
  readonly emitTo?: OutboxMetrics;
  readonly publisher?: InMemoryEventPublisherOptions | ((time: VirtualTime) => InMemoryEventPublisherOptions);
  readonly markers?: InMemoryPendingMarkersOptions;
  /** @default - a marker for each event */
  readonly pending?: readonly EventKey[];
  /** @default 0.5 */
  readonly random?: () => number;
}

const idOf = ({ detail }: { readonly detail: string }): string => /"id":"([^"]*)"/.exec(detail)?.[1] ?? detail;

/** A relay over in-memory ports and virtual time. */
export function setUp(records: readonly OutboxRecord[], options: BenchOptions = {}): Bench {
  const time = createVirtualTime(T0);
  const metrics = new Map<string, number[]>();
  const units = new Map<string, string>();
  const logs: Bench['logs'] = [];
  const log =
    (level: string) =>
    (message: unknown, fields: unknown): void =>
      void logs.push({ level, message, fields });
  const faults = typeof options.publisher === 'function' ? options.publisher(time) : options.publisher;
  const publisher = createInMemoryEventPublisher(faults);
  const pending = options.pending ?? records.flatMap((record) => (record.kind === 'event' ? [record.event] : []));
  const markers = createInMemoryPendingMarkers(options.markers);
  markers.put(...pending);
  const relay = createRelay({
    publisher,
    markers,
    ...time,
    random: options.random ?? (() => 0.5),
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: options.emitTo ?? {
      addMetric: (name, unit, value) => {
        metrics.set(name, [...(metrics.get(name) ?? []), value]);
        units.set(name, unit);
      },
    },
  });
  return {
    relay,
    publisher,
    markers,
    time,
    metrics,
    units,
    logs,
    accepted: () => publisher.accepted.map(idOf),
    requested: () => publisher.requests.map((entries) => entries.map(idOf)),
  };
}
