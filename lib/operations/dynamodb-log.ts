import {
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE } from '../definitions/index.ts';
import { type EventKey, isTombstone, keyItem, recordOf, summaryOf } from '../outbox/index.ts';
import type { LogReader, LogScanner } from './ports.ts';

export interface DynamoDbLogOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;

/** The attributes of a summary, without the large body. */
const SUMMARY = {
  ProjectionExpression: '#group, #sequence, #kind, #id, #source, #type, #committedAt',
  ExpressionAttributeNames: {
    '#group': GROUP,
    '#sequence': SEQUENCE,
    '#kind': OUTBOX_ATTRIBUTES.kind,
    '#id': OUTBOX_ATTRIBUTES.id,
    '#source': OUTBOX_ATTRIBUTES.source,
    '#type': OUTBOX_ATTRIBUTES.type,
    '#committedAt': OUTBOX_ATTRIBUTES.committedAt,
  },
} as const;

export function createDynamoDbLog({ client, outboxTableName: TableName }: DynamoDbLogOptions): LogReader & LogScanner {
  const pagesOf = (group: string, from: number, upTo: number, more: Partial<QueryCommandInput> = {}) =>
    paginateQuery(
      { client },
      {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: '#group = :group AND #sequence BETWEEN :from AND :upTo',
        ...SUMMARY,
        ...more,
        ExpressionAttributeValues: {
          ':group': { S: group },
          ':from': { N: String(from) },
          ':upTo': { N: String(upTo) },
          ...more.ExpressionAttributeValues,
        },
      },
    );

  const find = async (key: EventKey) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyItem(key), ConsistentRead: true }));
    // a tombstone says that there is no event
    return Item === undefined || isTombstone(Item) ? undefined : recordOf(Item);
  };

  return {
    find,

    async findById(group, id) {
      const pages = pagesOf(group, 1, Number.MAX_SAFE_INTEGER, {
        FilterExpression: '#id = :id',
        ExpressionAttributeValues: { ':id': { S: id } },
      });
      for await (const { Items: [item] = [] } of pages) if (item !== undefined) return summaryOf(item);
      return undefined;
    },

    async last(group, after, takes) {
      const pages = pagesOf(group, after + 1, Number.MAX_SAFE_INTEGER, { ScanIndexForward: false });
      for await (const { Items = [] } of pages) {
        const found = Items.map((item) => summaryOf(item)).find(takes);
        if (found !== undefined) return find(found);
      }
      return undefined;
    },

    async count(group, after, upTo, takes) {
      if (after >= upTo) return 0;
      let taken = 0;
      for await (const { Items = [] } of pagesOf(group, after + 1, upTo)) {
        taken += Items.filter((item) => takes(summaryOf(item))).length;
      }
      return taken;
    },

    async *scan({ segment, segments, eventId }) {
      const [attribute, wanted] =
        eventId === undefined ? (['#kind', OUTBOX_KIND.event] as const) : (['#id', eventId] as const);
      const pages = paginateScan(
        { client },
        {
          TableName,
          Segment: segment,
          TotalSegments: segments,
          ReturnConsumedCapacity: 'TOTAL',
          ...SUMMARY,
          FilterExpression: `${attribute} = :wanted`,
          ExpressionAttributeValues: { ':wanted': { S: wanted } },
        },
      );
      for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of pages) {
        yield {
          events: Items.map((item) => summaryOf(item)),
          items: ScannedCount,
          readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
        };
      }
    },
  };
}
