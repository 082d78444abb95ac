import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_TABLE } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventLog } from './ports.ts';

export interface DynamoDbEventLogOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}

/** What a consumer can handle in about one invocation. */
const PAGE_EVENTS = 100;

const SEQUENCE = OUTBOX_TABLE.sortKey.name;

export function createDynamoDbEventLog({ client, outboxTableName }: DynamoDbEventLogOptions): EventLog {
  const query = (group: string, from: number, more: Partial<QueryCommandInput>) =>
    client.send(
      new QueryCommand({
        TableName: outboxTableName,
        ConsistentRead: true,
        ...more,
        ExpressionAttributeNames: {
          '#group': OUTBOX_TABLE.partitionKey.name,
          '#sequence': SEQUENCE,
          '#committedAt': OUTBOX_ATTRIBUTES.committedAt,
          ...more.ExpressionAttributeNames,
        },
        ExpressionAttributeValues: {
          ':group': { S: group },
          ':from': { N: String(from) },
          ...more.ExpressionAttributeValues,
        },
      }),
    );

  return {
    async read(group, after, upTo) {
      if (after >= upTo) return [];
      const { Items = [] } = await query(group, after + 1, {
        KeyConditionExpression: '#group = :group AND #sequence BETWEEN :from AND :upTo',
        ProjectionExpression: '#sequence, #id, #source, #type, #event, #committedAt',
        ExpressionAttributeNames: {
          '#id': OUTBOX_ATTRIBUTES.id,
          '#source': OUTBOX_ATTRIBUTES.source,
          '#type': OUTBOX_ATTRIBUTES.type,
          '#event': OUTBOX_ATTRIBUTES.event,
        },
        ExpressionAttributeValues: { ':upTo': { N: String(upTo) } },
        Limit: PAGE_EVENTS,
      });
      return Items.map((item) => ({
        sequence: Number(item[SEQUENCE]?.N),
        id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
        source: item[OUTBOX_ATTRIBUTES.source]?.S ?? '',
        type: item[OUTBOX_ATTRIBUTES.type]?.S ?? '',
        body: item[OUTBOX_ATTRIBUTES.event]?.S ?? '',
        committedAt: Number(item[OUTBOX_ATTRIBUTES.committedAt]?.N) as EpochMs,
      }));
    },

    async firstSince(group, instant) {
      let startKey: QueryCommandInput['ExclusiveStartKey'];
      do {
        const { Items = [], LastEvaluatedKey } = await query(group, 1, {
          KeyConditionExpression: '#group = :group AND #sequence >= :from',
          FilterExpression: '#committedAt >= :instant',
          ProjectionExpression: '#sequence',
          ExpressionAttributeValues: { ':instant': { N: String(instant) } },
          ExclusiveStartKey: startKey,
        });
        const first = Items[0]?.[SEQUENCE]?.N;
        if (first !== undefined) return Number(first);
        startKey = LastEvaluatedKey;
      } while (startKey !== undefined);
      return undefined;
    },
  };
}
