import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OUTBOX_TABLE } from '../contracts/index.ts';
import { readOutboxItem } from '../event/index.ts';
import type { EventKey } from '../relay/index.ts';
import type { LogEntry, OutboxLog } from './ports.ts';

export interface DynamoDbOutboxLogProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

const partitionKey = OUTBOX_TABLE.partitionKey.name;
const sortKey = OUTBOX_TABLE.sortKey.name;

/** The events in the outbox table; one past its time to live is there for as long as DynamoDB leaves it. */
export function createDynamoDbOutboxLog({ client, tableName }: DynamoDbOutboxLogProps): OutboxLog {
  return {
    async read(keys, signal) {
      const command = new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: keys.map(toItemKey), ConsistentRead: true } },
      });
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(command, { abortSignal: signal });
      const found = new Map(Responses[tableName]?.map((item) => [nameOf(item), item]));
      const unprocessed = new Set(UnprocessedKeys[tableName]?.Keys?.map(nameOf));
      return keys.map((key): LogEntry => {
        const name = nameOf(toItemKey(key));
        const item = found.get(name);
        if (item !== undefined) return { status: 'found', item: readOutboxItem(item) };
        return { status: unprocessed.has(name) ? 'unread' : 'gone' };
      });
    },
  };
}

const toItemKey = ({ group, sequence }: EventKey): Record<string, AttributeValue> => ({
  [partitionKey]: { S: group },
  [sortKey]: { N: String(sequence) },
});

const nameOf = (item: Record<string, AttributeValue>): string => `${item[sortKey]?.N} ${item[partitionKey]?.S}`;
