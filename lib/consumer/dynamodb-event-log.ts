import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { HEAD_SEQUENCE, OUTBOX_ATTRIBUTES, OUTBOX_TABLE } from '../definitions/index.ts';
import { type Item, isTombstone, readHead, recordOf } from '../outbox/index.ts';
import type { EventLog, LogEntry, LogPlace } from './ports.ts';

export interface DynamoDbEventLogOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}

/** About as many events as one invocation can handle. */
const PAGE_EVENTS = 100;

const SEQUENCE = OUTBOX_TABLE.sortKey.name;

const PLACE_NAMES = {
  '#sequence': SEQUENCE,
  '#expires': OUTBOX_TABLE.timeToLiveAttribute,
  '#committedAt': OUTBOX_ATTRIBUTES.committedAt,
  '#previousExpires': OUTBOX_ATTRIBUTES.previousExpires,
};
const ENTRY_NAMES = {
  ...PLACE_NAMES,
  '#kind': OUTBOX_ATTRIBUTES.kind,
  '#id': OUTBOX_ATTRIBUTES.id,
  '#source': OUTBOX_ATTRIBUTES.source,
  '#type': OUTBOX_ATTRIBUTES.type,
  '#event': OUTBOX_ATTRIBUTES.event,
  '#format': 'format',
};
const END_NAMES = {
  '#sequence': SEQUENCE,
  '#last': OUTBOX_ATTRIBUTES.last,
  '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires,
};

interface SequenceRange {
  readonly from: number;
  readonly upTo: number;
  readonly limit: number;
}

export function createDynamoDbEventLog({ client, outboxTableName }: DynamoDbEventLogOptions): EventLog {
  /** The first items of a range. A page may be short, or empty, before the end of the range. */
  const query = async (
    group: string,
    { from, upTo, limit }: SequenceRange,
    names: Readonly<Record<string, string>>,
  ): Promise<readonly Item[]> => {
    let startKey: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: outboxTableName,
          ConsistentRead: true,
          KeyConditionExpression: '#group = :group AND #sequence BETWEEN :from AND :upTo',
          ProjectionExpression: Object.keys(names).join(', '),
          ExpressionAttributeNames: { '#group': OUTBOX_TABLE.partitionKey.name, ...names },
          ExpressionAttributeValues: {
            ':group': { S: group },
            ':from': { N: String(from) },
            ':upTo': { N: String(upTo) },
          },
          Limit: limit,
          ExclusiveStartKey: startKey,
        }),
      );
      if (Items.length > 0) return Items;
      startKey = LastEvaluatedKey;
    } while (startKey !== undefined);
    return [];
  };

  return {
    async read(group, after, upTo) {
      if (after >= upTo) return [];
      const items = await query(group, { from: after + 1, upTo, limit: PAGE_EVENTS }, ENTRY_NAMES);
      return items.map(entryOf);
    },

    async places(group, from, upTo, limit) {
      if (from > upTo) return [];
      return (await query(group, { from, upTo, limit }, PLACE_NAMES)).map(placeOf);
    },

    async end(group) {
      const [head] = await query(group, { from: HEAD_SEQUENCE, upTo: HEAD_SEQUENCE, limit: 1 }, END_NAMES);
      if (head === undefined) return undefined;
      const { last, lastExpires } = readHead(head);
      return { last, lastExpires };
    },
  };
}

const placeOf = (item: Item): LogPlace => {
  const { sequence, committedAt, expires, previousExpires } = recordOf(item);
  return { sequence, committedAt, expires, previousExpires };
};

function entryOf(item: Item): LogEntry {
  if (isTombstone(item)) return { kind: 'tombstone', ...placeOf(item) };
  const { group: _, ...event } = recordOf(item);
  return { kind: 'event', ...event };
}
