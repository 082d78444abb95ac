import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PENDING_ATTRIBUTES, PENDING_TABLE } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { MarkerReader } from './ports.ts';

export interface DynamoDbMarkerReaderOptions {
  readonly client: DynamoDBClient;
  readonly pendingTableName: string;
}

export function createDynamoDbMarkerReader({ client, pendingTableName }: DynamoDbMarkerReaderOptions): MarkerReader {
  return {
    async stateOf({ group, sequence }) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: pendingTableName,
          Key: {
            [PENDING_TABLE.partitionKey.name]: { S: group },
            [PENDING_TABLE.sortKey.name]: { N: String(sequence) },
          },
          ConsistentRead: true,
        }),
      );
      if (Item === undefined) return { kind: 'published' };
      const note = Item[PENDING_ATTRIBUTES.quarantined]?.M;
      if (note === undefined) return { kind: 'pending' };
      const reason = { code: note['code']?.S ?? 'UNKNOWN', message: note['message']?.S ?? '' };
      return { kind: 'quarantined', reason, at: Number(note['at']?.N) as EpochMs };
    },
  };
}
