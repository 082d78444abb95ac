import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventPlace, EventSummary, LogReader, LogScanner } from './ports.ts';

export interface DynamoDbLogOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;

/** All attributes of a summary; the body would be most of what is transferred. */
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

type Item = Record<string, AttributeValue>;

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

  const find = async ({ group, sequence }: EventPlace) => {
    const Key = { [GROUP]: { S: group }, [SEQUENCE]: { N: String(sequence) } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    // a tombstone says that there is no event
    if (Item === undefined || Item[OUTBOX_ATTRIBUTES.kind]?.S === OUTBOX_KIND.tombstone) return undefined;
    return { ...summaryOf(Item), body: Item[OUTBOX_ATTRIBUTES.event]?.S ?? '' };
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
        const found = Items.map(summaryOf).find(takes);
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
        yield { events: Items.map(summaryOf), items: ScannedCount, readUnits: ConsumedCapacity?.CapacityUnits ?? 0 };
      }
    },
  };
}

const summaryOf = (item: Item): EventSummary => ({
  group: item[GROUP]?.S ?? '',
  sequence: Number(item[SEQUENCE]?.N),
  id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
  source: item[OUTBOX_ATTRIBUTES.source]?.S ?? '',
  type: item[OUTBOX_ATTRIBUTES.type]?.S ?? '',
  committedAt: Number(item[OUTBOX_ATTRIBUTES.committedAt]?.N) as EpochMs,
});
