import {
  type AttributeValue,
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { TableConditionError } from './errors.ts';
import type { SortCondition, TableStore } from './ports.ts';

export const createDynamoDbTableStore = (client: DynamoDBClient): TableStore => ({
  async get(tableName, key) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }),
    );
    return Item;
  },

  async query({ tableName, indexName, partition, sort, limit, startKey, newestFirst }) {
    const condition = conditionOf(sort);
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: indexName,
        // DynamoDB does not support consistent reads of an index
        ConsistentRead: indexName === undefined,
        KeyConditionExpression: ['#partition = :partition', ...condition.expression].join(' AND '),
        ExpressionAttributeNames: { '#partition': partition.attribute, ...condition.names },
        ExpressionAttributeValues: { ':partition': partition.value, ...condition.values },
        Limit: limit,
        ScanIndexForward: !newestFirst,
        ExclusiveStartKey: startKey && { ...startKey },
      }),
    );
    return { items: Items, lastKey: LastEvaluatedKey };
  },

  async write(writes) {
    try {
      // also for a single write: the SDK retries a transaction with its token, so a lost response does not write twice
      await client.send(new TransactWriteItemsCommand({ TransactItems: [...writes] }));
    } catch (cause) {
      const { CancellationReasons = [] } = cause as { readonly CancellationReasons?: readonly CancellationReason[] };
      const index = CancellationReasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
      throw index === -1 ? cause : new TableConditionError(index, { cause });
    }
  },
});

interface KeyCondition {
  /** Zero or one condition. */
  readonly expression: readonly string[];
  readonly names?: Record<string, string>;
  readonly values?: Record<string, AttributeValue>;
}

/** DynamoDB accepts one condition on the sort key, and only names and values that the expression uses. */
function conditionOf(sort: SortCondition | undefined): KeyCondition {
  if (sort === undefined) return { expression: [] };
  const { attribute, beginsWith, from, to } = sort;
  const names = { '#sort': attribute };
  if (beginsWith !== undefined) {
    return { expression: ['begins_with(#sort, :sort)'], names, values: { ':sort': { S: beginsWith } } };
  }
  if (from !== undefined && to !== undefined) {
    return { expression: ['#sort BETWEEN :from AND :to'], names, values: { ':from': from, ':to': to } };
  }
  if (from !== undefined) return { expression: ['#sort >= :from'], names, values: { ':from': from } };
  if (to !== undefined) return { expression: ['#sort <= :to'], names, values: { ':to': to } };
  return { expression: [] };
}
