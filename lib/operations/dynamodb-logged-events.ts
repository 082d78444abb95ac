import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isTombstone, keyItem, keyText, recordOf } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { LogUnreadError } from './errors.ts';
import type { LoggedEvents } from './ports.ts';

export interface DynamoDbLoggedEventsOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Reads events of the log, a hundred per call.
 * @throws LogUnreadError `LOG_UNREAD` from `among` while the table is throttled
 */
export function createDynamoDbLoggedEvents(options: DynamoDbLoggedEventsOptions): LoggedEvents {
  const { client, outboxTableName: tableName, sleep, random } = options;
  const unread = (missing: number, reads: number) => new LogUnreadError(tableName, missing, reads);
  return {
    async among(places) {
      const keys = new Map(places.map((place) => [keyText(place), keyItem(place)]));
      const items = await batchGet({ client, tableName, sleep, random, unread }, [...keys.values()]);
      return items.filter((item) => !isTombstone(item)).map(recordOf);
    },
  };
}
