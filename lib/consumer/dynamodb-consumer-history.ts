import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import { ifUnchanged } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import { type ConsumerHistory, continueHistory, type HandlingSettings } from './consumer-history.ts';

export interface DynamoDbConsumerHistoryOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. Every consumer may read and write its own items there. */
  readonly tableName: string;
  readonly consumer: string;
}

/** Stored in the inbox table; it never expires. */
const keyOf = ({ consumer }: DynamoDbConsumerHistoryOptions) => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#start` },
});

/** Undefined for a consumer that has not run since histories were introduced. */
export async function readConsumerHistory(
  options: DynamoDbConsumerHistoryOptions,
): Promise<ConsumerHistory | undefined> {
  const { client, tableName } = options;
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: keyOf(options), ConsistentRead: true }),
  );
  if (Item === undefined) return undefined;
  assertStoredFormat(Item, `the history of consumer '${options.consumer}'`);
  const { startedAt, periods, revision } = unmarshallItem(Item) as unknown as ConsumerHistory;
  return { startedAt, periods, revision };
}

export interface ConsumerHistoryRecorderOptions extends DynamoDbConsumerHistoryOptions {
  readonly settings: HandlingSettings;
  /** When the consumer's queue was created. */
  readonly queueCreatedAt: () => Promise<EpochMs>;
  readonly clock: Clock;
}

/** Covers as many containers starting at the same time with different settings. */
const MAX_ATTEMPTS = 20;

/** Records the current settings and returns the history. Reads it once per container, and again after a failure. */
export function createConsumerHistoryRecorder(options: ConsumerHistoryRecorderOptions): () => Promise<ConsumerHistory> {
  const { client, tableName, settings, queueCreatedAt, clock } = options;

  const record = async (): Promise<ConsumerHistory> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const known = await readConsumerHistory(options);
      const createdAt = known?.startedAt ?? (await queueCreatedAt());
      const next = continueHistory(known, settings, { createdAt, now: clock.now() });
      if (next === known || (await store(next))) return next;
    }
    throw new Error(
      `the history of consumer '${options.consumer}' was changed by other containers during each of ${MAX_ATTEMPTS} attempts`,
    );
  };

  /** @returns false if another container was first */
  const store = async (history: ConsumerHistory): Promise<boolean> => {
    const before = history.revision - 1;
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: { ...keyOf(options), ...marshallItem({ ...STORED_FORMAT, ...history }, 'the history of a consumer') },
          ...ifUnchanged('revision', before === 0 ? undefined : { N: String(before) }),
        }),
      );
      return true;
    } catch (error) {
      if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  };

  let recorded: Promise<ConsumerHistory> | undefined;
  return () => {
    recorded ??= record().catch((error: unknown) => {
      recorded = undefined;
      throw error;
    });
    return recorded;
  };
}
