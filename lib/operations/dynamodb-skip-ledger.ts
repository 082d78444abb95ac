import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE, skipRecordKey } from '../definitions/index.ts';
import type { EventKey, Item } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import type { SkipLedger, SkipRecord } from './ports.ts';

export interface DynamoDbSkipLedgerOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

export function createDynamoDbSkipLedger({ client, tableName, consumer }: DynamoDbSkipLedgerOptions): SkipLedger {
  return {
    async commit({ write }, record) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [write, skipPut(tableName, record)] }));
        return 'committed';
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        throw error;
      }
    },

    async find(place, generation) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: skipKey(consumer, place, generation), ConsistentRead: true }),
      );
      return Item && readSkip(Item);
    },
  };
}

/**
 * Cancellation reasons after which the cursor is read again. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const CONFLICTS = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

function isConflict(error: unknown): boolean {
  const { name, CancellationReasons = [] } = error as { name?: string; CancellationReasons?: CancellationReason[] };
  return name === 'TransactionCanceledException' && CancellationReasons.some(({ Code = '' }) => CONFLICTS.has(Code));
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
