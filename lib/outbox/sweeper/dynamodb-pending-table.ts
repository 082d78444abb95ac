import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { PENDING_ATTRIBUTES, PENDING_TABLE } from '../../definitions/index.ts';
import { markerOf } from '../event-record.ts';
import type { PendingTable } from './ports.ts';

export interface DynamoDbPendingTableProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Reads the markers in the pending table. A scan returns one partition after another, each by sort key, so the markers
 * of a group are returned together.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html
 */
export function createDynamoDbPendingTable({ client, tableName }: DynamoDbPendingTableProps): PendingTable {
  return {
    async *pages(signal) {
      const pages = paginateScan(
        { client },
        {
          TableName: tableName,
          ConsistentRead: true,
          ProjectionExpression: '#group, #sequence, #committedAt, #quarantined',
          ExpressionAttributeNames: {
            '#group': PENDING_TABLE.partitionKey.name,
            '#sequence': PENDING_TABLE.sortKey.name,
            '#committedAt': PENDING_ATTRIBUTES.committedAt,
            '#quarantined': PENDING_ATTRIBUTES.quarantined,
          },
        },
        { abortSignal: signal },
      );
      for await (const { Items = [] } of pages) yield Items.map(markerOf);
    },
  };
}
