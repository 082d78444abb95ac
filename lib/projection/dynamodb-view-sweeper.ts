import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { BATCH_WRITE_MAX_REQUESTS, type TableSchema } from '../definitions/index.ts';
import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import type { ViewSweeper } from './ports.ts';
import { STORED } from './view-items.ts';

export interface DynamoDbViewSweeperOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly view: TableSchema;
  readonly sleep: Sleep;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

const PAGE_ITEMS = 500;

/** Delay before unprocessed items are sent again. */
const BACKOFF: Backoff = { baseMs: 50, capMs: 2_000 };

export function createDynamoDbViewSweeper(options: DynamoDbViewSweeperOptions): ViewSweeper {
  const { client, tableName, view, sleep, random } = options;
  const keyNames = [view.partitionKey.name, ...(view.sortKey === undefined ? [] : [view.sortKey.name])];
  const aliases = Object.fromEntries(keyNames.map((name, index) => [`#k${index}`, name]));

  /** Sends unprocessed items again until there are none. */
  const deleteAll = async (keys: readonly Record<string, AttributeValue>[]): Promise<void> => {
    let rest: WriteRequest[] = keys.map((Key) => ({ DeleteRequest: { Key } }));
    for (let attempt = 1; rest.length > 0; attempt++) {
      const { UnprocessedItems = {} } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [tableName]: rest } }),
      );
      rest = UnprocessedItems[tableName] ?? [];
      if (rest.length > 0) await sleep(fullJitterMs(BACKOFF, attempt, random));
    }
  };

  return {
    async sweep({ upTo, keep }, after) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: tableName,
          Limit: PAGE_ITEMS,
          // an eventually consistent read could miss items that were written just before the switch
          ConsistentRead: true,
          ProjectionExpression: Object.keys(aliases).join(', '),
          FilterExpression: '#generation <= :upTo AND #generation <> :keep',
          ExpressionAttributeNames: { ...aliases, '#generation': STORED.generation },
          ExpressionAttributeValues: { ':upTo': { N: String(upTo) }, ':keep': { N: String(keep) } },
          ...(after === undefined ? {} : { ExclusiveStartKey: marshallItem(JSON.parse(after), "a sweep's start key") }),
        }),
      );
      for (let first = 0; first < Items.length; first += BATCH_WRITE_MAX_REQUESTS) {
        await deleteAll(Items.slice(first, first + BATCH_WRITE_MAX_REQUESTS));
      }
      return { deleted: Items.length, next: LastEvaluatedKey && JSON.stringify(unmarshallItem(LastEvaluatedKey)) };
    },
  };
}
