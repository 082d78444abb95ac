import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE, skipRecordKey } from '../definitions/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { HandledEventsUnreadError } from './errors.ts';
import { type EventOutcomes, outcomeOf, type PlacedEvent } from './event-outcome.ts';
import { noteKey, noteOfItem } from './failure-notes.ts';
import { inboxRecordKey, readInboxRecord, recordKeyOf } from './inbox-record.ts';

export interface DynamoDbEventOutcomesOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer keeps the record of a handled event. */
  readonly expirySeconds: number;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
  /** False reads at half the cost what may be a moment old. @default true */
  readonly consistent?: boolean;
}

type Item = Record<string, AttributeValue>;

/**
 * Reads what a consumer's inbox table has of events: first the inbox records, and for events without a completed one
 * also the failure notes and skip records, a hundred items per call.
 * @throws HandledEventsUnreadError `HANDLED_EVENTS_UNREAD` while the table is throttled
 */
export function createDynamoDbEventOutcomes(options: DynamoDbEventOutcomesOptions): EventOutcomes {
  const { tableName, consumer, expirySeconds } = options;
  const unread = (missing: number, reads: number) => new HandledEventsUnreadError(consumer, tableName, missing, reads);
  const idName = INBOX_TABLE.partitionKey.name;

  const read = async (ids: readonly string[]): Promise<ReadonlyMap<string, Item>> => {
    const items = await batchGet({ ...options, unread }, [...new Set(ids)].map(recordKeyOf));
    return new Map(items.map((item) => [item[idName]?.S ?? '', item]));
  };

  return {
    async of(events) {
      const records = await read(events.map((event) => inboxRecordKey(consumer, event)));
      const recordOf = (event: PlacedEvent) => {
        const item = records.get(inboxRecordKey(consumer, event));
        return item && readInboxRecord(item, expirySeconds);
      };
      const open = events.filter((event) => recordOf(event)?.status !== 'completed');
      const others = open.length === 0 ? new Map<string, Item>() : await read(open.flatMap((event) => keysOf(event)));
      return events.map((event) => {
        const [note, skip] = keysOf(event).map((key) => others.get(key));
        return outcomeOf({
          record: recordOf(event),
          note: note && noteOfItem(note, event.id),
          isSkipped: skip !== undefined,
        });
      });
    },
  };

  function keysOf(event: PlacedEvent): readonly [note: string, skip: string] {
    const { [idName]: note } = noteKey(consumer, event.id);
    return [note?.S ?? '', skipRecordKey(consumer, event, event.generation ?? 0)];
  }
}
