import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { HandledEventsUnreadError } from './errors.ts';
import { inboxRecordKey, readInboxRecord, recordKeyOf } from './inbox-record.ts';
import type { EventIdentity, HandledEvents, InboxRecord } from './ports.ts';

export interface DynamoDbHandledEventsOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer keeps the record of a handled event. */
  readonly expirySeconds: number;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Reads the records of a consumer's inbox, a hundred per call.
 * @throws HandledEventsUnreadError `HANDLED_EVENTS_UNREAD` from `among` while the table is throttled
 */
export function createDynamoDbHandledEvents(options: DynamoDbHandledEventsOptions): HandledEvents {
  const { client, tableName, consumer, expirySeconds, sleep, random } = options;
  const unread = (missing: number, reads: number) => new HandledEventsUnreadError(consumer, tableName, missing, reads);
  const read = async <Event extends EventIdentity>(
    events: readonly Event[],
    isWanted: (record: InboxRecord | undefined) => boolean,
  ): Promise<readonly Event[]> => {
    const keys = new Set(events.map((event) => inboxRecordKey(consumer, event)));
    const items = await batchGet({ client, tableName, sleep, random, unread }, [...keys].map(recordKeyOf));
    const found = new Set(
      items
        .filter((item) => isWanted(readInboxRecord(item, expirySeconds)))
        .map((item) => item[INBOX_TABLE.partitionKey.name]?.S),
    );
    return events.filter((event) => found.has(inboxRecordKey(consumer, event)));
  };
  return {
    among: (events) => read(events, isCompleted),
    skippedAmong: (events) => read(events, isSkipped),
  };
}

const isCompleted = (record: InboxRecord | undefined): boolean => record?.status === 'completed';

const isSkipped = (record: InboxRecord | undefined): boolean =>
  record?.status === 'completed' && record.skipped !== undefined;
