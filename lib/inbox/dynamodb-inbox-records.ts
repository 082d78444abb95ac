import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { inboxRecordKey, readInboxRecord, recordKeyOf } from './inbox-record.ts';
import type { InboxRecords } from './ports.ts';

export interface DynamoDbInboxRecordsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer remembers a handled event. */
  readonly expirySeconds: number;
}

export function createDynamoDbInboxRecords(options: DynamoDbInboxRecordsOptions): InboxRecords {
  const { client, tableName, consumer, expirySeconds } = options;
  return {
    async find(event) {
      const Key = recordKeyOf(inboxRecordKey(consumer, event));
      const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return Item && readInboxRecord(Item, expirySeconds);
    },
  };
}
