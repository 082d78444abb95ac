import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE, skipRecordKey } from '../definitions/index.ts';
import type { EventKey, Item } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { commitRecord } from './commit-record.ts';
import type { SkipLedger, SkipRecord } from './ports.ts';

export interface DynamoDbSkipLedgerOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

export function createDynamoDbSkipLedger({ client, tableName, consumer }: DynamoDbSkipLedgerOptions): SkipLedger {
  return {
    commit: ({ write }, record) => commitRecord(client, write, skipPut(tableName, record)),

    async find(place, generation) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: skipKey(consumer, place, generation), ConsistentRead: true }),
      );
      return Item && readSkip(Item);
    },
  };
}

/** Key of a skip record. It is in the inbox table, like the failure notes. */
export const skipKey = (consumer: string, place: EventKey, generation: number): Item => ({
  [INBOX_TABLE.partitionKey.name]: { S: skipRecordKey(consumer, place, generation) },
});

/** Has no expiry: skips are rare, and auditors may ask for them years later. */
export const skipPut = (tableName: string, record: SkipRecord): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: {
      ...skipKey(record.consumer, record, record.generation),
      ...marshallItem({ ...STORED_FORMAT, ...record }, 'the record of a skip'),
    },
  },
});

/** Reads a stored skip record. */
export function readSkip(item: Item): SkipRecord {
  assertStoredFormat(item, 'the record of a skip');
  const { consumer, group, sequence, eventId, eventType, by, reason, at, waitedSince, failure, generation } =
    unmarshallItem(item) as unknown as SkipRecord;
  return { consumer, group, sequence, eventId, eventType, by, reason, at, waitedSince, failure, generation };
}
