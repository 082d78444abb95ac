import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { hasKnownEventFormat } from '../../shared/stored-format.ts';
import { keyItem, keyOf, keyText, readOutboxItem } from '../event-record.ts';
import type { LogEntry, OutboxLog } from './ports.ts';

export interface DynamoDbOutboxLogProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Reads events from the outbox table. An expired event is returned until DynamoDB deletes it. */
export function createDynamoDbOutboxLog({ client, tableName }: DynamoDbOutboxLogProps): OutboxLog {
  return {
    async read(keys, signal) {
      const command = new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: keys.map(keyItem), ConsistentRead: true } },
      });
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(command, { abortSignal: signal });
      const found = new Map(Responses[tableName]?.map((item) => [keyText(keyOf(item)), item]));
      const unprocessed = new Set(UnprocessedKeys[tableName]?.Keys?.map((item) => keyText(keyOf(item))));
      return keys.map((key): LogEntry => {
        const name = keyText(key);
        const item = found.get(name);
        // the next run may have the code that reads it
        if (item !== undefined && !hasKnownEventFormat(item)) return { status: 'unread' };
        if (item !== undefined) return { status: 'found', item: readOutboxItem(item) };
        return { status: unprocessed.has(name) ? 'unread' : 'gone' };
      });
    },
  };
}
