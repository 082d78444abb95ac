import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, keyItem, keyOf, keyText, markerOf } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { batchGet } from '../shared/batch-get.ts';
import { MarkersUnreadError } from './errors.ts';
import type { MarkerReader, OutboxState } from './ports.ts';

export interface DynamoDbMarkerReaderOptions {
  readonly client: DynamoDBClient;
  readonly pendingTableName: string;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/** @throws MarkersUnreadError `MARKERS_UNREAD` from `statesOf` while the table is throttled */
export function createDynamoDbMarkerReader(options: DynamoDbMarkerReaderOptions): MarkerReader {
  const { client, pendingTableName, sleep, random } = options;
  const read = {
    client,
    tableName: pendingTableName,
    sleep,
    random,
    unread: (missing: number, reads: number) => new MarkersUnreadError(pendingTableName, missing, reads),
  };
  return {
    async stateOf(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: pendingTableName, Key: keyItem(key), ConsistentRead: true }),
      );
      return stateIn(Item);
    },

    async statesOf(places) {
      const keys = new Map(places.map((place) => [keyText(place), keyItem(place)]));
      const items = await batchGet(read, [...keys.values()]);
      const found = new Map(items.map((item) => [keyText(keyOf(item)), item]));
      return places.map((place) => stateIn(found.get(keyText(place))));
    },
  };
}

function stateIn(item: Item | undefined): OutboxState {
  if (item === undefined) return { kind: 'published' };
  const { quarantined } = markerOf(item);
  if (quarantined === undefined) return { kind: 'pending' };
  const { at, ...reason } = quarantined;
  return { kind: 'quarantined', reason, at };
}
