import { type EventOutcomes, type FailureNotes, type InboxRecords, outcomeOf } from '../consumer/index.ts';
import type { SkipLedger } from '../operations/ports.ts';

/** What a consumer's records in memory say of events. */
export const createInMemoryEventOutcomes = (deps: {
  readonly inbox: InboxRecords;
  readonly notes: Pick<FailureNotes, 'find'>;
  readonly skips: Pick<SkipLedger, 'find'>;
}): EventOutcomes => ({
  of: (events) =>
    Promise.all(
      events.map(async (event) =>
        outcomeOf({
          record: await deps.inbox.find(event),
          note: await deps.notes.find(event.id),
          isSkipped: (await deps.skips.find(event, event.generation ?? 0)) !== undefined,
        }),
      ),
    ),
});
