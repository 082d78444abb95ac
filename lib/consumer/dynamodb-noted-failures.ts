import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { HandledEventsUnreadError } from './errors.ts';
import { noteKey, noteOfItem } from './failure-notes.ts';
import type { NotedFailures } from './ports.ts';

export interface DynamoDbNotedFailuresOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Reads a consumer's failure notes, a hundred per call.
 * @throws HandledEventsUnreadError `HANDLED_EVENTS_UNREAD` from `among` while the table is throttled
 */
export function createDynamoDbNotedFailures(options: DynamoDbNotedFailuresOptions): NotedFailures {
  const { client, tableName, consumer, sleep, random } = options;
  const unread = (missing: number, reads: number) => new HandledEventsUnreadError(consumer, tableName, missing, reads);
  return {
    async among(subjects) {
      const keys = [...new Set(subjects)].map((subject) => noteKey(consumer, subject));
      const items = await batchGet({ client, tableName, sleep, random, unread }, keys);
      return items.map((item) => noteOfItem(item, item['subject']?.S ?? ''));
    },
  };
}
