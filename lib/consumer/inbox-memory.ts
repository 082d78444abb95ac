import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type CloudEvent, skipRecordKey } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { inboxRecordKey, recordKeyOf } from './inbox-record.ts';

/** What the inbox can say of events that the cursor is past. */
export interface InboxMemory {
  /**
   * Whether the event was handled, or skipped by an operator, in this generation or an earlier one. A record in progress
   * is no answer. MUST see every completed write.
   */
  knows(event: CloudEvent, generation: number): Promise<boolean>;
  /** Of events that were committed from then on, what the inbox does not know was not handled. */
  answersSince(): EpochMs;
}

/**
 * Fourteen days, as long as a dead letter keeps: every valid `inboxExpiryDays` is longer, so that a setting which was
 * lower once, when the record would have been written, changes no answer.
 */
const SURE_SECONDS = 14 * 86_400;

/** Clocks of producers and consumers may differ, and a deletion by time to live comes late. */
const MARGIN_MS = 3_600_000;

export interface DynamoDbInboxMemoryOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer remembers a handled event. */
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
    answersSince: () => addMs(clock.now(), MARGIN_MS - keptMs),
  };
}

/** Reads an item of the inbox table by its key, consistently. */
type Find = (key: Item) => Promise<Item | undefined>;

/** The record of the cursor's own generation first: it is there for what comes twice, which is then one read. */
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
