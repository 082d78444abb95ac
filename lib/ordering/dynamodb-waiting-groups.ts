import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE } from '../contracts/index.ts';
import type { Item } from '../outbox/index.ts';
import { readCursor } from './cursor-change.ts';
import type { WaitingGroup, WaitingGroups } from './ports.ts';

export interface DynamoDbWaitingGroupsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
}

/** Whoever lists groups looks more up for each of them. */
const PAGE_GROUPS = 25;

const [WAITING_INDEX] = CURSORS_TABLE.indexes;

/** The groups in the sparse index of the cursors table. */
export function createDynamoDbWaitingGroups(options: DynamoDbWaitingGroupsOptions): WaitingGroups {
  const { client, tableName, consumer } = options;
  return {
    async *list() {
      const pages = paginateQuery(
        { client, pageSize: PAGE_GROUPS },
        {
          TableName: tableName,
          IndexName: WAITING_INDEX.name,
          KeyConditionExpression: '#consumer = :consumer',
          ExpressionAttributeNames: { '#consumer': WAITING_INDEX.partitionKey.name },
          ExpressionAttributeValues: { ':consumer': { S: consumer } },
        },
      );
      for await (const { Items = [] } of pages) yield Items.flatMap(waitingGroupOf);
    },
  };
}

/** A cursor's item as a group that waits; nothing when it waits for nothing. */
export function waitingGroupOf(item: Item): readonly WaitingGroup[] {
  const { consumer: _, group, waitingFor, ...cursor } = readCursor(item);
  return waitingFor === undefined ? [] : [{ group, cursor: { ...cursor, waitingFor } }];
}
