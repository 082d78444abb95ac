import type { NewEventRecord } from '../outbox/event-record.ts';
import type { ServedConsumer } from './served-consumer.ts';

/** Tracks which events were sent to which consumers. */
export interface Routes {
  /** Does not send this event to the consumer, because it is delivered otherwise. */
  skip(consumer: ServedConsumer, eventId: string): void;
  /** Sends each consumer the events that it takes and that were not sent to it yet, in order. */
  route(consumers: readonly ServedConsumer[], copies: () => number): void;
}

/** @param committed every event, in the order of commits */
export function createRoutes(committed: () => readonly NewEventRecord[]): Routes {
  const progress = new Map<ServedConsumer, number>();
  const skipped = new Map<ServedConsumer, Set<string>>();

  return {
    skip(consumer, eventId) {
      skipped.set(consumer, (skipped.get(consumer) ?? new Set()).add(eventId));
    },
    route(consumers, copies) {
      const events = committed();
      for (const consumer of consumers) {
        for (const { id, source, type, group, body } of events.slice(progress.get(consumer) ?? 0)) {
          if (!consumer.takes({ source, type }) || skipped.get(consumer)?.has(id)) continue;
          for (let copy = copies(); copy > 0; copy--) consumer.queue.send(group, body);
        }
        progress.set(consumer, events.length);
      }
    },
  };
}
