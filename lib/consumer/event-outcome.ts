import type { EventKey } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { FailureNote } from './failure-notes.ts';
import type { EventIdentity, InboxRecord } from './ports.ts';

/** An event and its place in the log. */
export type PlacedEvent = EventIdentity & EventKey;

/** What a consumer's records say of an event. */
export type EventOutcome =
  | { readonly kind: 'handled' | 'skipped' }
  /** An execution has claimed it, until `until` at the latest. After that, the execution has crashed. */
  | { readonly kind: 'in-progress'; readonly until: EpochMs }
  /** It failed and was not handled since. */
  | { readonly kind: 'failing'; readonly state: 'retrying' | 'deferred' | 'dead' };

/** Reads what a consumer's records say of many events. */
export interface EventOutcomes {
  /** @returns one outcome per event, in their order; undefined if the consumer has no record of it */
  of(events: readonly PlacedEvent[]): Promise<readonly (EventOutcome | undefined)[]>;
}

export function outcomeOf({
  record,
  note,
  isSkipped,
}: {
  readonly record: InboxRecord | undefined;
  readonly note: FailureNote | undefined;
  readonly isSkipped: boolean;
}): EventOutcome | undefined {
  if (record?.status === 'completed') return { kind: 'handled' };
  if (isSkipped) return { kind: 'skipped' };
  if (note !== undefined && note.resolvedAt === undefined) {
    return { kind: 'failing', state: note.deferred === true ? 'deferred' : note.state };
  }
  return record === undefined ? undefined : { kind: 'in-progress', until: record.until };
}
