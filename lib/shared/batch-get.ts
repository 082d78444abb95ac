import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BATCH_GET_MAX_KEYS } from '../definitions/limits.ts';
import { type Backoff, fullJitterMs, type Sleep } from './backoff.ts';

type Item = Record<string, AttributeValue>;

/** BatchGetItem returns only what the table's throughput allows. The rest is requested again. */
const MAX_READS = 8;
const BACKOFF: Backoff = { baseMs: 25, capMs: 1_000 };

export interface BatchGetOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
  /** The error if items are still unread after all reads. */
  readonly unread: (missing: number, reads: number) => Error;
  /** Eventually consistent reads cost half as much. @default true */
  readonly consistent?: boolean | undefined;
}

/**
 * Reads any number of items by their keys, strongly consistent by default, in calls of at most 100.
 * @param keys without duplicates
 * @returns the items that exist, in any order
 */
export async function batchGet(options: BatchGetOptions, keys: readonly Readonly<Item>[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let start = 0; start < keys.length; start += BATCH_GET_MAX_KEYS) {
    found.push(...(await getOnce(options, keys.slice(start, start + BATCH_GET_MAX_KEYS))));
  }
  return found;
}

async function getOnce(
  { client, tableName, sleep, random, unread, consistent = true }: BatchGetOptions,
  keys: readonly Readonly<Item>[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let missing = keys.map((key) => ({ ...key }));
  for (let reads = 1; missing.length > 0; reads++) {
    if (reads > MAX_READS) throw unread(missing.length, MAX_READS);
    if (reads > 1) await sleep(fullJitterMs(BACKOFF, reads - 1, random));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: missing, ConsistentRead: consistent } } }),
    );
    found.push(...(Responses?.[tableName] ?? []));
    missing = UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}
