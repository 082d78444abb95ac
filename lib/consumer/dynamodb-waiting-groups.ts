import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, WAITING_SHARDS } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { readCursor, waitingShard } from './dynamodb-cursor-store.ts';
import type { WaitingGroup, WaitingGroups } from './ports.ts';

export interface DynamoDbWaitingGroupsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
}

const [OF_OLDER_CODE, BY_SHARD] = CURSORS_TABLE.indexes;
type Index = typeof OF_OLDER_CODE | typeof BY_SHARD;

/** Whoever lists groups looks more up for each of them. */
const PAGE_GROUPS = 25;

/** The groups in the sparse index of the cursors table: all shards, and the index that older code has filled. */
export function createDynamoDbWaitingGroups(options: DynamoDbWaitingGroupsOptions): WaitingGroups {
  const { client, tableName, consumer } = options;

  async function* groupsOf({ name, partitionKey }: Index, partition: string): AsyncGenerator<WaitingGroup> {
    const pages = paginateQuery(
      { client, pageSize: PAGE_GROUPS },
      {
        TableName: tableName,
        IndexName: name,
        KeyConditionExpression: '#partition = :partition',
        ExpressionAttributeNames: { '#partition': partitionKey.name },
        ExpressionAttributeValues: { ':partition': { S: partition } },
      },
    );
    for await (const { Items = [] } of pages) yield* Items.flatMap(waitingGroupOf);
  }

  return {
    list() {
      const shards = Array.from({ length: WAITING_SHARDS }, (_, shard) =>
        groupsOf(BY_SHARD, waitingShard(consumer, shard)),
      );
      return inPages(longestFirst([...shards, groupsOf(OF_OLDER_CODE, consumer)]));
    },
  };
}

/** Merges groups that come in the order of time. A cursor that is written anew may be seen in two indexes for a moment. */
async function* longestFirst(sources: readonly AsyncGenerator<WaitingGroup>[]): AsyncGenerator<WaitingGroup> {
  const told = new Set<string>();
  const open = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  for (;;) {
    let first: { readonly at: (typeof open)[number]; readonly value: WaitingGroup } | undefined;
    for (const at of open) {
      if (at.head.done === true) continue;
      const { value } = at.head;
      if (first === undefined || value.cursor.blockedBy.since < first.value.cursor.blockedBy.since) {
        first = { at, value };
      }
    }
    if (first === undefined) return;
    first.at.head = await first.at.source.next();
    if (!told.has(first.value.group)) yield first.value;
    told.add(first.value.group);
  }
}

async function* inPages(groups: AsyncIterable<WaitingGroup>): AsyncGenerator<readonly WaitingGroup[]> {
  let page: WaitingGroup[] = [];
  for await (const group of groups) {
    page.push(group);
    if (page.length < PAGE_GROUPS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A cursor's item as a group that waits; nothing when it waits for nothing. */
export function waitingGroupOf(item: Item): readonly WaitingGroup[] {
  const { consumer: _, group, blockedBy, ...cursor } = readCursor(item);
  return blockedBy === undefined ? [] : [{ group, cursor: { ...cursor, blockedBy } }];
}
