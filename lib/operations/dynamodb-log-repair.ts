import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CURSORS_TABLE, HEAD_SEQUENCE, OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE } from '../definitions/index.ts';
import { type EventKey, keyItem } from '../outbox/index.ts';
import { isConflict } from './commit-record.ts';
import type { CursorScanner, LogRepair, TombstoneText } from './log-repair.ts';

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;
const EXPIRES = OUTBOX_TABLE.timeToLiveAttribute;

type Item = Record<string, AttributeValue>;

export function createDynamoDbLogRepair(options: {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}): LogRepair {
  const { client, outboxTableName: TableName } = options;

  const query = async (
    group: string,
    from: number,
    to: number,
    more: { readonly ScanIndexForward?: boolean; readonly Limit?: number } = {},
  ) => {
    const items: Item[] = [];
    let startKey: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: '#group = :group AND #sequence BETWEEN :from AND :to',
          ProjectionExpression: '#sequence, #last',
          ExpressionAttributeNames: { '#group': GROUP, '#sequence': SEQUENCE, '#last': OUTBOX_ATTRIBUTES.last },
          ExpressionAttributeValues: { ':group': { S: group }, ':from': { N: String(from) }, ':to': { N: String(to) } },
          ...more,
          ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
        }),
      );
      items.push(...Items);
      startKey = LastEvaluatedKey;
    } while (startKey !== undefined && items.length < (more.Limit ?? Number.POSITIVE_INFINITY));
    return items;
  };

  const head = async (group: string): Promise<number> => {
    const [item] = await query(group, HEAD_SEQUENCE, HEAD_SEQUENCE);
    return Number(item?.[OUTBOX_ATTRIBUTES.last]?.N ?? 0);
  };

  /**
   * Whether a group without a head has events. Only older releases wrote such groups, with the aggregates' own
   * versions.
   */
  const isVersioned = async (group: string): Promise<boolean> =>
    (await query(group, 1, Number.MAX_SAFE_INTEGER, { Limit: 1 })).length > 0;

  const tombstone = (place: EventKey, { reason, by, at, expires }: TombstoneText): TransactWriteItem => ({
    Put: {
      TableName,
      Item: {
        ...keyItem(place),
        [OUTBOX_ATTRIBUTES.kind]: { S: OUTBOX_KIND.tombstone },
        [OUTBOX_ATTRIBUTES.committedAt]: { N: String(at) },
        [OUTBOX_ATTRIBUTES.reason]: { S: reason },
        [OUTBOX_ATTRIBUTES.by]: { S: by },
        [OUTBOX_ATTRIBUTES.at]: { N: String(at) },
        [EXPIRES]: { N: String(expires) },
      },
      ConditionExpression: 'attribute_not_exists(#group)',
      ExpressionAttributeNames: { '#group': GROUP },
    },
  });

  const transact = async (TransactItems: TransactWriteItem[]): Promise<boolean> => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  };

  return {
    head,

    async lastUsed(group) {
      const [last] = await query(group, 1, Number.MAX_SAFE_INTEGER, { ScanIndexForward: false, Limit: 1 });
      return Math.max(await head(group), Number(last?.[SEQUENCE]?.N ?? 0));
    },

    async keep(place, until) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyItem(place),
            UpdateExpression: 'SET #expires = :until',
            ConditionExpression: 'attribute_exists(#group) AND #expires < :until',
            ExpressionAttributeNames: { '#group': GROUP, '#expires': EXPIRES },
            ExpressionAttributeValues: { ':until': { N: String(until) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return 'kept';
      } catch (error) {
        const { name, Item: old } = error as { name?: string; Item?: Item };
        if (name !== 'ConditionalCheckFailedException') throw error;
        // it already has a longer retention
        return old === undefined ? 'gone' : 'kept';
      }
    },

    fill: async (place, text) => ((await transact([tombstone(place, text)])) ? 'filled' : 'taken'),

    async raiseHead(group, from, places, text) {
      const to = places.at(-1) ?? from;
      const taken = await query(group, from + 1, to);
      const isTaken = new Set(taken.map((item) => Number(item[SEQUENCE]?.N)));
      const versioned = from === 0 && (await isVersioned(group));
      const move: TransactWriteItem = {
        Update: {
          TableName,
          Key: keyItem({ group, sequence: HEAD_SEQUENCE }),
          UpdateExpression: `SET #last = :to, #kind = :head${versioned ? ', #versioned = :true' : ''}`,
          ConditionExpression: from === 0 ? 'attribute_not_exists(#last)' : '#last = :from',
          ExpressionAttributeNames: {
            '#last': OUTBOX_ATTRIBUTES.last,
            '#kind': OUTBOX_ATTRIBUTES.kind,
            ...(versioned && { '#versioned': OUTBOX_ATTRIBUTES.versioned }),
          },
          ExpressionAttributeValues: {
            ':to': { N: String(to) },
            ':head': { S: OUTBOX_KIND.head },
            ...(from === 0 ? {} : { ':from': { N: String(from) } }),
            ...(versioned && { ':true': { BOOL: true } }),
          },
        },
      };
      const empty = places.filter((sequence) => !isTaken.has(sequence));
      const marks = empty.map((sequence) => tombstone({ group, sequence }, text));
      return (await transact([move, ...marks])) ? 'raised' : 'conflict';
    },
  };
}

/** Few enough to process in seconds. */
const PAGE_CURSORS = 500;

export function createDynamoDbCursorScanner(options: {
  readonly client: DynamoDBClient;
  readonly cursorsTableName: string;
}): CursorScanner {
  const { client, cursorsTableName: TableName } = options;
  return {
    async *scan() {
      const pages = paginateScan(
        { client, pageSize: PAGE_CURSORS },
        {
          TableName,
          ConsistentRead: true,
          ReturnConsumedCapacity: 'TOTAL',
          ProjectionExpression: '#id, #group, #seen',
          ExpressionAttributeNames: { '#id': CURSORS_TABLE.partitionKey.name, '#group': 'group', '#seen': 'seen' },
        },
      );
      for await (const { Items = [], ConsumedCapacity } of pages) {
        const cursors = Items.map((item) => ({ group: item['group']?.S ?? '', seen: Number(item['seen']?.N ?? 0) }));
        yield { cursors, readUnits: ConsumedCapacity?.CapacityUnits ?? 0 };
      }
    },
  };
}
