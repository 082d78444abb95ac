import type { FailureNote, FailureNotes, Inbox } from '../inbox/index.ts';
import type { StepFailure } from './outcome.ts';

/** What the consumer's own ports learn of the events of one delivery. */
export interface DeliveryFindings {
  inbox(inner: Inbox): Inbox;
  notes(inner: FailureNotes): FailureNotes;
  /** How the event's attempt ended; undefined where there was none, or it failed. */
  resultOf(eventId: string): 'handled' | 'duplicate' | undefined;
  failureOf(eventId: string): StepFailure | undefined;
  clear(): void;
}

export function createDeliveryFindings(): DeliveryFindings {
  const results = new Map<string, 'handled' | 'duplicate'>();
  const errors = new Map<string, unknown>();
  const noted = new Map<string, Omit<FailureNote, 'firstAt' | 'lastAt'>>();

  return {
    inbox: (inner) => ({
      async once(event, effect, context) {
        try {
          const result = await inner.once(event, effect, context);
          results.set(event.id, result);
          return result;
        } catch (error) {
          errors.set(event.id, error);
          throw error;
        }
      },
    }),
    notes: (inner) => ({
      find: inner.find,
      async record(note) {
        noted.set(note.subject, note);
        await inner.record(note);
      },
    }),
    resultOf: (eventId) => results.get(eventId),
    failureOf(eventId) {
      const note = noted.get(eventId);
      if (note === undefined) return undefined;
      const { code, message, attempts, state } = note;
      return { code, message, attempts, isFinal: state === 'dead', error: errors.get(eventId) };
    },
    clear() {
      for (const map of [results, errors, noted]) map.clear();
    },
  };
}
