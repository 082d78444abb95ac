import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { keyItem, markerOf } from '../outbox/index.ts';
import type { MarkerReader } from './ports.ts';

export interface DynamoDbMarkerReaderOptions {
  readonly client: DynamoDBClient;
  readonly pendingTableName: string;
}

export function createDynamoDbMarkerReader({ client, pendingTableName }: DynamoDbMarkerReaderOptions): MarkerReader {
  return {
    async stateOf(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: pendingTableName, Key: keyItem(key), ConsistentRead: true }),
      );
      if (Item === undefined) return { kind: 'published' };
      const { quarantined } = markerOf(Item);
      if (quarantined === undefined) return { kind: 'pending' };
      const { at, ...reason } = quarantined;
      return { kind: 'quarantined', reason, at };
    },
  };
}
