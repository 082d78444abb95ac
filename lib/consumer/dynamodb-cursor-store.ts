import { BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../outbox/index.ts';
import { fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import type { Cursor } from './cursor.ts';
import { cursorKey, cursorPut, readCursor } from './cursor-item.ts';
import { CursorMovedError, CursorsUnreadError } from './errors.ts';
import type { CursorStore } from './ports.ts';

export interface DynamoDbCursorStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
  /** How long a cursor that waits for nothing is kept after its last change: twice as long as the log keeps an event. */
  readonly expirySeconds: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
}

/** Keys of one BatchGetItem. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH_GET_MAX_KEYS = 100;

/** BatchGetItem answers with what its throughput allows; the rest is asked for again. */
const MAX_READS = 8;
const BACKOFF = { baseMs: 25, capMs: 1_000 };

export function createDynamoDbCursorStore(options: DynamoDbCursorStoreOptions): CursorStore {
  const { client, tableName, consumer, expirySeconds, clock, sleep, random } = options;

  const putOf = (group: string, current: Cursor, next: Cursor) => {
    const expires = toEpochSeconds(addMs(clock.now(), expirySeconds * 1000));
    return cursorPut(tableName, { consumer, group }, current, next, expires);
  };

  const readItems = async (keys: readonly Item[]): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let missing = [...keys];
    for (let reads = 1; missing.length > 0; reads++) {
      if (reads > MAX_READS) throw new CursorsUnreadError(consumer, tableName, missing.length, MAX_READS);
      if (reads > 1) await sleep(fullJitterMs(BACKOFF, reads - 1, random));
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: missing, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[tableName] ?? []));
      missing = [...(UnprocessedKeys?.[tableName]?.Keys ?? [])];
    }
    return items;
  };

  return {
    async read(groups) {
      const keys = groups.map((group) => cursorKey({ consumer, group }));
      const cursors = new Map<string, Cursor>();
      for (let start = 0; start < keys.length; start += BATCH_GET_MAX_KEYS) {
        for (const item of await readItems(keys.slice(start, start + BATCH_GET_MAX_KEYS))) {
          const { consumer: _, group, ...cursor } = readCursor(item);
          cursors.set(group, cursor);
        }
      }
      return cursors;
    },

    async save(group, current, next) {
      try {
        await client.send(new PutItemCommand(putOf(group, current, next)));
        return 'saved';
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'conflict';
        throw error;
      }
    },

    change: (group, current, next) => ({
      write: { Put: putOf(group, current, next) },
      refused: () => new CursorMovedError(consumer, group),
    }),
  };
}
