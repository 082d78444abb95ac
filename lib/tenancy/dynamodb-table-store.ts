import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { TableConditionError } from './errors.ts';
import type { TableStore } from './ports.ts';

export const createDynamoDbTableStore = (client: DynamoDBClient): TableStore => ({
  async get(tableName, key) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }),
    );
    return Item;
  },

  async query({ tableName, indexName, partition, sort, limit, startKey, newestFirst }) {
    const beginsWith = sort?.beginsWith;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: indexName,
        // an index is never read consistently: the service refuses to
        ConsistentRead: indexName === undefined,
        KeyConditionExpression: `#partition = :partition${beginsWith === undefined ? '' : ' AND begins_with(#sort, :sort)'}`,
        ExpressionAttributeNames: {
          '#partition': partition.attribute,
          ...(sort !== undefined && beginsWith !== undefined && { '#sort': sort.attribute }),
        },
        ExpressionAttributeValues: {
          ':partition': partition.value,
          ...(beginsWith !== undefined && { ':sort': { S: beginsWith } }),
        },
        Limit: limit,
        ScanIndexForward: !newestFirst,
        ExclusiveStartKey: startKey && { ...startKey },
      }),
    );
    return { items: Items, lastKey: LastEvaluatedKey };
  },

  async write(writes) {
    try {
      // one write too: the SDK repeats a transaction under its token, and a lost answer does not write twice
      await client.send(new TransactWriteItemsCommand({ TransactItems: [...writes] }));
    } catch (cause) {
      const { CancellationReasons = [] } = cause as { readonly CancellationReasons?: readonly CancellationReason[] };
      const index = CancellationReasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
      throw index === -1 ? cause : new TableConditionError(index, { cause });
    }
  },
});
