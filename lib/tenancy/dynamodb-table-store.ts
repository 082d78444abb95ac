import {
  type AttributeValue,
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { type Sleep, systemSleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { TableConditionError, TableUnreadError } from './errors.ts';
import { keyText } from './key-scope.ts';
import type { SortCondition, TableStore } from './ports.ts';

interface Waiting {
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

export const createDynamoDbTableStore = (
  client: DynamoDBClient,
  { sleep, random }: Waiting = { sleep: systemSleep, random: Math.random },
): TableStore => ({
  async get(tableName, key) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }),
    );
    return Item;
  },

  async getBatch(tableName, keys) {
    const unread = (missing: number, reads: number) => new TableUnreadError(tableName, missing, reads);
    const found = await batchGet({ client, tableName, sleep, random, unread }, keys);
    // BatchGetItem returns items in any order
    const names = Object.keys(keys[0] ?? {});
    const byKey = new Map(found.map((item) => [keyText(item, names), item]));
    return keys.map((key) => byKey.get(keyText(key, names)));
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
