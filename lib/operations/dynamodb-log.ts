import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { HEAD_SEQUENCE, OUTBOX_ATTRIBUTES, OUTBOX_TABLE } from '../definitions/index.ts';
import { type EventKey, type Item, isTombstone, keyItem, keyOf, recordOf, summaryOf } from '../outbox/index.ts';
import type { EpochSeconds } from '../shared/time.ts';
import type { LogItem, LogReader, LogScanner, LogWalker } from './ports.ts';

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

/** The attributes of a log item, without the large body. */
const WALKED_NAMES = {
  ...SUMMARY.ExpressionAttributeNames,
  '#expires': OUTBOX_TABLE.timeToLiveAttribute,
  '#previousExpires': OUTBOX_ATTRIBUTES.previousExpires,
  '#last': OUTBOX_ATTRIBUTES.last,
  '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires,
  '#versioned': OUTBOX_ATTRIBUTES.versioned,
};
const WALKED = {
  ProjectionExpression: Object.keys(WALKED_NAMES).join(', '),
  ExpressionAttributeNames: WALKED_NAMES,
} as const;

function logItemOf(item: Item): LogItem {
  const { group, sequence } = keyOf(item);
  if (sequence === HEAD_SEQUENCE) {
    return {
      kind: 'head',
      group,
      last: Number(item[OUTBOX_ATTRIBUTES.last]?.N ?? 0),
      lastExpires: secondsOf(item[OUTBOX_ATTRIBUTES.lastExpires]),
      versioned: item[OUTBOX_ATTRIBUTES.versioned]?.BOOL === true,
    };
  }
  const expiry = {
    expires: secondsOf(item[OUTBOX_TABLE.timeToLiveAttribute]),
    previousExpires: secondsOf(item[OUTBOX_ATTRIBUTES.previousExpires]),
  };
  return isTombstone(item)
    ? { kind: 'tombstone', group, sequence, ...expiry }
    : { kind: 'event', ...summaryOf(item), ...expiry };
}

const secondsOf = (attribute: AttributeValue | undefined): EpochSeconds | undefined =>
  attribute?.N === undefined ? undefined : (Number(attribute.N) as EpochSeconds);

export function createDynamoDbLog(options: DynamoDbLogOptions): LogReader & LogScanner & LogWalker {
  const { client, outboxTableName: TableName } = options;
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

    async page({ segment, segments, after }) {
      const {
        Items = [],
        LastEvaluatedKey,
        ConsumedCapacity,
      } = await client.send(
        new ScanCommand({
          TableName,
          Segment: segment,
          TotalSegments: segments,
          ReturnConsumedCapacity: 'TOTAL',
          ...WALKED,
          ...(after === undefined ? {} : { ExclusiveStartKey: keyItem(after) }),
        }),
      );
      return {
        items: Items.map(logItemOf),
        readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
        next: LastEvaluatedKey && keyOf(LastEvaluatedKey),
      };
    },

    async *scan({ segment, segments, eventId }) {
      const pages = paginateScan(
        { client },
        {
          TableName,
          Segment: segment,
          TotalSegments: segments,
          ReturnConsumedCapacity: 'TOTAL',
          ...SUMMARY,
          FilterExpression: '#id = :id',
          ExpressionAttributeValues: { ':id': { S: eventId } },
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
