import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_INDEX } from '../definitions/index.ts';
import { type EventKey, isTombstone, keyItem, keyOf, recordOf } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { ReadThrottledError } from './errors.ts';
import type { EventIndex } from './ports.ts';

export interface DynamoDbEventIndexOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Reads the outbox log by its indexes, which hold what was committed a moment ago. */
export function createDynamoDbEventIndex(options: DynamoDbEventIndexOptions): EventIndex {
  const { client, outboxTableName: TableName, sleep, random } = options;

  const keysOf = async function* (
    IndexName: string,
    attribute: string,
    value: string,
  ): AsyncGenerator<readonly EventKey[]> {
    const pages = paginateQuery(
      { client },
      {
        TableName,
        IndexName,
        KeyConditionExpression: '#attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': { S: value } },
      },
    );
    for await (const { Items = [] } of pages) yield Items.map((item: Record<string, AttributeValue>) => keyOf(item));
  };

  const unread = (missing: number, reads: number) => new ReadThrottledError(TableName, missing, reads);

  return {
    async find(id) {
      for await (const [key] of keysOf(OUTBOX_INDEX.byId, OUTBOX_ATTRIBUTES.id, id)) if (key !== undefined) return key;
      return undefined;
    },
    async *ofCorrelation(id) {
      for await (const keys of keysOf(OUTBOX_INDEX.byCorrelation, OUTBOX_ATTRIBUTES.correlation, id)) {
        const items = await batchGet({ client, tableName: TableName, sleep, random, unread }, keys.map(keyItem));
        yield items.filter((item) => !isTombstone(item)).map((item) => recordOf(item));
      }
    },
  };
}
