import type { NewEventRecord } from '../outbox/event-record.ts';
import type { ServedConsumer } from './served-consumer.ts';

/** Which consumer has been sent which event. */
export interface Routes {
  /** The event comes to the consumer by another way. */
  skip(consumer: ServedConsumer, eventId: string): void;
  /** Sends each consumer what it takes and was not sent yet, from the first event on. */
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
