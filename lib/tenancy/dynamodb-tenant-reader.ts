import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { TENANTS_TABLE } from '../definitions/index.ts';
import type { TenantDirectoryOptions } from './tenant-directory.ts';

export interface DynamoDbTenantReaderOptions {
  readonly client: DynamoDBClient;
  /** A table with the key of `TENANTS_TABLE`: each item has `tenantId`, and `status: 'active'` if the tenant may work. */
  readonly tableName: string;
}

const { partitionKey } = TENANTS_TABLE;

/** Reads from DynamoDB whether a tenant may work. */
export const createDynamoDbTenantReader =
  ({ client, tableName }: DynamoDbTenantReaderOptions): TenantDirectoryOptions['read'] =>
  async (tenantId) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: { [partitionKey.name]: { S: tenantId } },
        // an answer from before a change would be kept like any other
        ConsistentRead: true,
        ProjectionExpression: '#status',
        ExpressionAttributeNames: { '#status': 'status' },
      }),
    );
    return Item?.['status']?.S === 'active';
  };
