import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type CloudEvent, skipRecordKey } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { inboxRecordKey, recordKeyOf } from './inbox-record.ts';

/** Answers whether the inbox has a record of an event. */
export interface InboxMemory {
  /**
   * Whether the event was handled, or skipped by an operator, in this generation or an earlier one. A record in
   * progress does not count. MUST see every completed write.
   */
  knows(event: CloudEvent, generation: number): Promise<boolean>;
  /** If an event committed after this time has no record, it was not handled. */
  reliableSince(): EpochMs;
}

/**
 * Fourteen days, the maximum retention of a DLQ. Every valid `inboxExpiryDays` is longer, so that an earlier, lower
 * setting does not change the answer.
 */
const SURE_SECONDS = 14 * 86_400;

/** Covers clock differences of producers and consumers, and late deletion by time to live. */
const MARGIN_MS = 3_600_000;

export interface DynamoDbInboxMemoryOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer keeps the record of a handled event. */
  readonly expirySeconds: number;
  readonly clock: Clock;
}

export function createDynamoDbInboxMemory(options: DynamoDbInboxMemoryOptions): InboxMemory {
  const { client, tableName, consumer, expirySeconds, clock } = options;
  const keptMs = Math.min(expirySeconds, SURE_SECONDS) * 1000;
  return {
    knows: createKnows(consumer, async (Key) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: { ...Key }, ConsistentRead: true }),
      );
      return Item;
    }),
    reliableSince: () => addMs(clock.now(), MARGIN_MS - keptMs),
  };
}

/** Reads an item of the inbox table by its key, strongly consistent. */
type Find = (key: Item) => Promise<Item | undefined>;

/** Reads the record of the cursor's own generation first: for duplicates, one read is then enough. */
export const createKnows =
  (consumer: string, find: Find): InboxMemory['knows'] =>
  async (event, generation) => {
    const place = { group: event.partitionkey, sequence: Number(event.sequence) };
    const { source, id } = event;
    for (let each = generation; each >= 0; each--) {
      const record = await find(recordKeyOf(inboxRecordKey(consumer, { source, id, generation: each })));
      if (record?.['status']?.S === 'COMPLETED') return true;
    }
    for (let each = generation; each >= 0; each--) {
      if ((await find(recordKeyOf(skipRecordKey(consumer, place, each)))) !== undefined) return true;
    }
    return false;
  };
