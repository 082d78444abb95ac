import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { commitRecord } from './commit-record.ts';
import type { PauseLedger, PauseRecord } from './ports.ts';

export interface DynamoDbPauseLedgerOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

export function createDynamoDbPauseLedger({ client, tableName, consumer }: DynamoDbPauseLedgerOptions): PauseLedger {
  return {
    commit: ({ write }, record) => commitRecord(client, write, pausePut(tableName, record)),

    async find(group, since) {
      const Key = pauseKey({ consumer, group, since });
      const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return Item && readPause(Item);
    },
  };
}

/** Key of the record of a pause. It is in the inbox table, like the skip records. */
export const pauseKey = ({ consumer, group, since }: Pick<PauseRecord, 'consumer' | 'group' | 'since'>): Item => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#pause#${group}#${since}` },
});

/** Has no expiry: pauses are rare, and auditors may ask for them years later. */
export const pausePut = (tableName: string, record: PauseRecord): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: { ...pauseKey(record), ...marshallItem({ ...STORED_FORMAT, ...record }, 'the record of a pause') },
  },
});

/** Reads the stored record of a pause. */
export function readPause(item: Item): PauseRecord {
  assertStoredFormat(item, 'the record of a pause');
  const record = unmarshallItem(item) as unknown as PauseRecord;
  const { consumer, group, since, by, reason, resumedAt, resumedBy } = record;
  return { consumer, group, since, by, reason, resumedAt, resumedBy };
}
