import type { EventPublisher } from '../../lib/outbox/relay/ports.ts';
import { createRelay, type Relay, readStreamRecord, type StreamRecord } from '../../lib/outbox/relay/relay.ts';
import { systemClock } from '../../lib/shared/time.ts';
import {
  createInMemoryEventPublisher,
  type InMemoryEventPublisher,
} from '../../lib/testing/in-memory-event-publisher.ts';
import {
  createInMemoryPendingMarkers,
  type InMemoryPendingMarkers,
} from '../../lib/testing/in-memory-pending-markers.ts';

export interface BenchRelay {
  readonly publisher: InMemoryEventPublisher;
  readonly markers: InMemoryPendingMarkers;
  /** Relays a batch as the function's handler does, from the records as Lambda hands them over. */
  relay(records: readonly StreamRecord[]): Promise<void>;
}

/** The relay over ports that take no time. @param publisher in place of one that remembers every request */
export function createBenchRelay(publisher?: EventPublisher): BenchRelay {
  const remembering = createInMemoryEventPublisher();
  const markers = createInMemoryPendingMarkers();
  const relay: Relay = createRelay({
    publisher: publisher ?? remembering,
    markers,
    clock: systemClock,
    sleep: async () => undefined,
    random: () => 0.5,
    signalAfter: () => new AbortController().signal,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { addMetric: () => undefined },
  });
  return {
    publisher: remembering,
    markers,
    async relay(records) {
      const read = records.map(readStreamRecord).filter((record) => record !== undefined);
      const { published } = await relay.run(read, 60_000);
      if (published !== records.length) throw new Error(`${published} of ${records.length} events were published`);
    },
  };
}
