import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE, skipRecordKey } from '../contracts/index.ts';
import type { EventKey, Item } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import type { SkipRecord } from './ports.ts';

/** Beside the failure notes. */
export const skipKey = (consumer: string, place: EventKey, generation: number): Item => ({
  [INBOX_TABLE.partitionKey.name]: { S: skipRecordKey(consumer, place, generation) },
});

/** Without an expiry: skips are rare, and what was never handled is asked for years later. */
export const skipPut = (tableName: string, record: SkipRecord): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: {
      ...skipKey(record.consumer, record, record.generation),
      ...marshallItem({ ...STORED_FORMAT, ...record }, 'the record of a skip'),
    },
  },
});

/** A record as its item holds it. */
export function readSkip(item: Item): SkipRecord {
  assertStoredFormat(item, 'the record of a skip');
  const { consumer, group, sequence, eventId, eventType, by, reason, at, waitedSince, failure, generation } =
    unmarshallItem(item) as unknown as SkipRecord;
  return { consumer, group, sequence, eventId, eventType, by, reason, at, waitedSince, failure, generation };
}
