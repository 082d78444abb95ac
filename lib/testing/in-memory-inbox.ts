import {
  completionOf,
  inboxRecordKey,
  OURS_IN_PROGRESS,
  oursInProgress,
  recordKeyOf,
} from '../consumer/inbox-record.ts';
import { type Inbox, InboxBusyError, InboxClaimLostError } from '../consumer/index.ts';
import { marshallItem } from '../shared/marshalling.ts';
import { addMs, type Clock, type EpochMs, type EpochSeconds } from '../shared/time.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryInboxOptions {
  readonly clock: Clock;
  /** Shared with the outbox store that commits the completions. */
  readonly tables: InMemoryTables;
  /** Its key attribute is `id`. */
  readonly tableName: string;
  readonly consumer: string;
}

/** An inbox for tests; its records do not expire. */
export function createInMemoryInbox({ clock, tables, tableName, consumer }: InMemoryInboxOptions): Inbox {
  return {
    async once(event, effect, context) {
      const key = inboxRecordKey(consumer, event);
      const record = tables.get(tableName, recordKeyOf(key));
      if (record?.['status']?.S === 'COMPLETED') return 'duplicate';
      const busyUntil = Number(record?.['in_progress_expiration']?.N ?? 0) as EpochMs;
      if (busyUntil >= clock.now()) throw new InboxBusyError(event, busyUntil);

      const heldUntil = addMs(clock.now(), context.getRemainingTimeInMillis());
      const claim = marshallItem({ status: 'INPROGRESS', in_progress_expiration: heldUntil }, 'an inbox record');
      const claimed = { ...recordKeyOf(key), ...claim };
      tables.apply([{ Put: { TableName: tableName, Item: claimed } }]);
      const completion = {
        write: completionOf(tableName, key, heldUntil, 0 as EpochSeconds),
        refused: () => new InboxClaimLostError(event),
      };
      try {
        await effect({ completion });
        return 'handled';
      } catch (error) {
        const forget = {
          Delete: {
            TableName: tableName,
            Key: recordKeyOf(key),
            ConditionExpression: OURS_IN_PROGRESS,
            ...oursInProgress(heldUntil),
          },
        };
        if (tables.firstRefused([forget]) === undefined) tables.apply([forget]);
        throw error;
      }
    },
  };
}
