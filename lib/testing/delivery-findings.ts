import { AsyncLocalStorage } from 'node:async_hooks';
import type { FailureNote, FailureNotes, Inbox } from '../consumer/index.ts';
import type { StepFailure } from './outcome.ts';

/** Records the results of a delivery's events by observing the consumer's ports. */
export interface DeliveryFindings {
  inbox(inner: Inbox): Inbox;
  notes(inner: FailureNotes): FailureNotes;
  /** Runs a delivery. Deliveries may run concurrently. */
  during<Value>(delivery: Findings, work: () => Value): Value;
}

/** The results of one delivery. */
export interface Findings {
  /** How the event's attempt ended; undefined if there was none, or if it failed. */
  resultOf(eventId: string): 'handled' | 'duplicate' | undefined;
  failureOf(eventId: string): StepFailure | undefined;
  attempted(eventId: string, result: 'handled' | 'duplicate'): void;
  thrown(eventId: string, error: unknown): void;
  noted(note: Pick<FailureNote, 'subject' | 'code' | 'message' | 'attempts' | 'state'>): void;
}

export function createDeliveryFindings(): DeliveryFindings {
  const underWay = new AsyncLocalStorage<Findings>();

  return {
    during: (delivery, work) => underWay.run(delivery, work),
    inbox: (inner) => ({
      async once(event, effect, context) {
        try {
          const result = await inner.once(event, effect, context);
          underWay.getStore()?.attempted(event.id, result);
          return result;
        } catch (error) {
          underWay.getStore()?.thrown(event.id, error);
          throw error;
        }
      },
    }),
    notes: (inner) => ({
      find: inner.find,
      resolve: inner.resolve,
      async record(note) {
        underWay.getStore()?.noted(note);
        await inner.record(note);
      },
    }),
  };
}

export function createFindings(): Findings {
  const results = new Map<string, 'handled' | 'duplicate'>();
  const errors = new Map<string, unknown>();
  const notes = new Map<string, Pick<FailureNote, 'code' | 'message' | 'attempts' | 'state'>>();

  return {
    attempted: (eventId, result) => void results.set(eventId, result),
    thrown: (eventId, error) => void errors.set(eventId, error),
    noted: (note) => void notes.set(note.subject, note),
    resultOf: (eventId) => results.get(eventId),
    failureOf(eventId) {
      const note = notes.get(eventId);
      if (note === undefined) return undefined;
      const { code, message, attempts, state } = note;
      return { code, message, attempts, isFinal: state === 'dead', error: errors.get(eventId) };
    },
  };
}
