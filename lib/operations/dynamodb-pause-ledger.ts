import { type DynamoDBClient, GetItemCommand, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { GroupPause } from '../consumer/index.ts';
import { INBOX_TABLE } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { commitRecord } from './commit-record.ts';
import type { ConsumerPauseStore, PauseLedger, PauseRecord } from './ports.ts';

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

/** The pause of a consumer is an item of the inbox table, too: a fifo consumer has no cursors. */
export function createDynamoDbConsumerPauseStore(options: DynamoDbPauseLedgerOptions): ConsumerPauseStore {
  const { client, tableName, consumer } = options;
  const Key = consumerPauseKey(consumer);
  const find = async () => {
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
    return Item && readConsumerPause(Item);
  };
  return {
    find,

    async begin(pause) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: { ...Key, ...marshallItem({ ...STORED_FORMAT, ...pause }, 'the pause of a consumer') },
            ConditionExpression: 'attribute_not_exists(#id)',
            ExpressionAttributeNames: { '#id': INBOX_TABLE.partitionKey.name },
          }),
        );
        return pause;
      } catch (error) {
        if ((error as { name?: string }).name !== 'ConditionalCheckFailedException') throw error;
        // the other pause may have ended since
        return (await find()) ?? this.begin(pause);
      }
    },

    async end(record) {
      const ended = {
        Delete: {
          TableName: tableName,
          Key,
          ConditionExpression: '#since = :since',
          ExpressionAttributeNames: { '#since': 'since' },
          ExpressionAttributeValues: { ':since': { N: String(record.since) } },
        },
      };
      // a conflict may also be another transaction in progress, after which the pause is still there
      while ((await commitRecord(client, ended, pausePut(tableName, record))) === 'conflict') {
        if ((await find())?.since !== record.since) return;
      }
    },
  };
}

const consumerPauseKey = (consumer: string): Item => ({ [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#paused` } });

function readConsumerPause(item: Item): GroupPause {
  assertStoredFormat(item, 'the pause of a consumer');
  const { since, by, reason } = unmarshallItem(item) as unknown as GroupPause;
  return { since, by, reason };
}

/** Key of the record of a pause. It is in the inbox table, like the skip records. */
export const pauseKey = ({ consumer, group, since }: Pick<PauseRecord, 'consumer' | 'group' | 'since'>): Item => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#pause#${group ?? ''}#${since}` },
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
