import { claimAtCommit, concludeBy } from '../consumer/commit-claim.ts';
import { claimEnd, completedPut, completionOf, inboxRecordKey, recordKeyOf } from '../consumer/inbox-record.ts';
import { type Inbox, InboxBusyError, InboxClaimLostError } from '../consumer/index.ts';
import type { Claim } from '../definitions/index.ts';
import { marshallItem } from '../shared/marshalling.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { createInMemoryInboxRecords, type InMemoryInboxRecordsOptions, NEVER } from './in-memory-inbox-records.ts';

export interface InMemoryInboxOptions extends InMemoryInboxRecordsOptions {
  readonly clock: Clock;
  /** When the consumer claims an event. @default 'commit' */
  readonly claim?: Claim;
}

/** An inbox for tests; its records do not expire. */
export const createInMemoryInbox = (options: InMemoryInboxOptions): Inbox =>
  options.claim === 'before' ? createClaimingInbox(options) : createCommittingInbox(options);

function createCommittingInbox(options: InMemoryInboxOptions): Inbox {
  const { clock, tableName, consumer } = options;
  const records = createInMemoryInboxRecords(options);
  return {
    async once(event, effect) {
      const { claim, conclude } = claimAtCommit(event, {
        put: completedPut(tableName, inboxRecordKey(consumer, event), { now: clock.now(), expiration: NEVER }),
        find: () => records.find(event),
        clock,
      });
      try {
        await effect(claim);
        return 'handled';
      } catch (error) {
        return conclude(error);
      }
    },
  };
}

function createClaimingInbox({ clock, tables, tableName, consumer }: InMemoryInboxOptions): Inbox {
  return {
    async once(event, effect, context) {
      const key = inboxRecordKey(consumer, event);
      const record = tables.get(tableName, recordKeyOf(key));
      if (record?.['status']?.S === 'COMPLETED') return 'duplicate';
      const busyUntil = Number(record?.['in_progress_expiration']?.N ?? 0) as EpochMs;
      if (busyUntil >= clock.now()) throw new InboxBusyError(event, busyUntil);

      const heldUntil = addMs(clock.now(), context.getRemainingTimeInMillis());
      const held = { status: 'INPROGRESS', in_progress_expiration: heldUntil, expiration: NEVER };
      const claimed = { ...recordKeyOf(key), ...marshallItem(held, 'an inbox record') };
      tables.apply([{ Put: { TableName: tableName, Item: claimed } }]);
      const completion = {
        write: completionOf(tableName, key, heldUntil, NEVER),
        refused: () => new InboxClaimLostError(event),
      };
      try {
        await effect({ completion, assertOpen: async () => undefined });
        return 'handled';
      } catch (error) {
        const end = [{ Update: claimEnd(tableName, key, heldUntil) }];
        const refused = tables.firstRefused(end);
        if (refused === undefined) tables.apply(end);
        return concludeBy(event, refused?.item, clock.now(), error);
      }
    },
  };
}
