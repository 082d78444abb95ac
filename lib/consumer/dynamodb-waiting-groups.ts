import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, WAITING_SHARDS } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { readCursor, waitingShard } from './dynamodb-cursor-store.ts';
import type { PausedGroup, PausedGroups, WaitingGroup, WaitingGroups } from './ports.ts';

export interface DynamoDbWaitingGroupsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
}

const [OF_OLDER_CODE, BY_SHARD] = CURSORS_TABLE.indexes;
type Index = typeof OF_OLDER_CODE | typeof BY_SHARD;

/** Small, because callers look up more for each group. */
const PAGE_GROUPS = 25;

/** Reads the sparse indexes of the cursors table: all shards, and the index that older releases wrote. */
export function createDynamoDbWaitingGroups(options: DynamoDbWaitingGroupsOptions): WaitingGroups {
  const { consumer } = options;

  async function* groupsOf(index: Index, partition: string): AsyncGenerator<WaitingGroup> {
    for await (const items of itemPages(options, index, partition)) yield* items.flatMap(waitingGroupOf);
  }

  return {
    list() {
      const shards = SHARDS.map((shard) => groupsOf(BY_SHARD, waitingShard(consumer, shard)));
      return inPages(longestFirst([...shards, groupsOf(OF_OLDER_CODE, consumer)]));
    },
  };
}

/** Reads the shards of the same index, which paused groups are in, too. */
export const createDynamoDbPausedGroups = (options: DynamoDbWaitingGroupsOptions): PausedGroups => ({
  async *list() {
    for (const shard of SHARDS) {
      for await (const items of itemPages(options, BY_SHARD, waitingShard(options.consumer, shard))) {
        const paused = items.flatMap(pausedGroupOf);
        if (paused.length > 0) yield paused;
      }
    }
  },
});

const SHARDS = Array.from({ length: WAITING_SHARDS }, (_, shard) => shard);

async function* itemPages(
  { client, tableName }: DynamoDbWaitingGroupsOptions,
  { name, partitionKey }: Index,
  partition: string,
): AsyncGenerator<readonly Item[]> {
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
  for await (const { Items = [] } of pages) yield Items;
}

/** Merges sources that are sorted by time. During a change, a cursor may appear in two indexes. */
async function* longestFirst(sources: readonly AsyncGenerator<WaitingGroup>[]): AsyncGenerator<WaitingGroup> {
  const listed = new Set<string>();
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
    if (!listed.has(first.value.group)) yield first.value;
    listed.add(first.value.group);
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

/** The waiting group of a cursor's item; empty if the group does not wait. */
export function waitingGroupOf(item: Item): readonly WaitingGroup[] {
  const { consumer: _, group, blockedBy, ...cursor } = readCursor(item);
  return blockedBy === undefined ? [] : [{ group, cursor: { ...cursor, blockedBy } }];
}

/** The paused group of a cursor's item; empty if the group is not paused. */
export function pausedGroupOf(item: Item): readonly PausedGroup[] {
  const { consumer: _, group, paused, ...cursor } = readCursor(item);
  return paused === undefined ? [] : [{ group, cursor: { ...cursor, paused } }];
}
