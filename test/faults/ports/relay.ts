import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { PublishFailure } from '../../../lib/outbox/relay/failure.ts';
import type { EntryResult, EventPublisher } from '../../../lib/outbox/relay/ports.ts';
import type { Execution } from '../execution.ts';
import type { Bus } from '../services/bus.ts';

const UNREACHABLE: PublishFailure = { code: 'ServiceTrouble', message: 'no answer, or one of trouble' };
const RETRYABLE: EntryResult = { status: 'retryable', failure: UNREACHABLE };
const REJECTED: EntryResult = {
  status: 'refused',
  failure: { code: 'MalformedDetail', message: 'Detail is malformed.' },
};

/** PutEvents as an execution reaches it. @param eventOf the event that a body is of */
export function reachBus(bus: Bus, eventOf: (body: string) => NewEventRecord, execution: Execution): EventPublisher {
  const accept = (detail: string): EntryResult => {
    bus.take(eventOf(detail));
    return { status: 'accepted', eventId: 'taken' };
  };
  return {
    async publish(entries, signal) {
      const first = entries[0]?.detail;
      const request = execution.call(`publish ${entries.length}`, () => entries.map(({ detail }) => accept(detail)), {
        partial: () => entries.map(({ detail }, index) => (index % 2 === 0 ? RETRYABLE : accept(detail))),
        'entry rejected': () => entries.map(({ detail }) => (detail === first ? REJECTED : accept(detail))),
      });
      const givenUp = new Promise<never>((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      try {
        return { status: 'answered', results: await Promise.race([request, givenUp]) };
      } catch {
        return { status: 'answered', results: entries.map(() => RETRYABLE) };
      }
    },
  };
}
