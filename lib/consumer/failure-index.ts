import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { FAILURE_SHARDS, INBOX_TABLE } from '../definitions/index.ts';
import { failureKeyPrefix, failureShard, type IndexedFailure, readFailure } from './failure-notes.ts';

/** Lists a consumer's failures without receiving a message. */
export interface FailureIndex {
  /**
   * Lists failures that are not resolved, page by page and in no order. The index may be a moment old.
   * @param fingerprint only these. @default - all
   */
  list(fingerprint?: string): AsyncIterable<readonly IndexedFailure[]>;
}

export interface DynamoDbFailureIndexOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

const [{ name: INDEX_NAME, partitionKey, sortKey }] = INBOX_TABLE.indexes;

/** Reads the shards of the index concurrently. A page of the index is 1 MB, which is some 2,500 failures. */
export function createDynamoDbFailureIndex(options: DynamoDbFailureIndexOptions): FailureIndex {
  const { client, tableName, consumer } = options;

  async function* shardPages(shard: number, fingerprint: string | undefined) {
    const isWanted = fingerprint === undefined ? '' : ' AND begins_with(#key, :prefix)';
    const pages = paginateQuery(
      { client },
      {
        TableName: tableName,
        IndexName: INDEX_NAME,
        KeyConditionExpression: `#shard = :shard${isWanted}`,
        ExpressionAttributeNames: {
          '#shard': partitionKey.name,
          ...(fingerprint !== undefined && { '#key': sortKey.name }),
        },
        ExpressionAttributeValues: {
          ':shard': { S: failureShard(consumer, shard) },
          ...(fingerprint !== undefined && { ':prefix': { S: failureKeyPrefix(fingerprint) } }),
        },
      },
    );
    for await (const { Items = [] } of pages) {
      if (Items.length > 0) yield Items.map((item) => readFailure(item, item['subject']?.S ?? ''));
    }
  }

  return {
    list: (fingerprint) => merged(Array.from({ length: FAILURE_SHARDS }, (_, shard) => shardPages(shard, fingerprint))),
  };
}

/** Yields from all sources as they have something. Each is one step ahead. */
async function* merged<Value>(sources: readonly AsyncGenerator<Value>[]): AsyncGenerator<Value> {
  const steps = new Map(sources.map((source) => [source, step(source)]));
  try {
    while (steps.size > 0) {
      const { source, result } = await Promise.race(steps.values());
      if (result.done === true) {
        steps.delete(source);
        continue;
      }
      steps.set(source, step(source));
      yield result.value;
    }
  } finally {
    await Promise.allSettled([...steps.values(), ...sources.map((source) => source.return(undefined))]);
  }
}

function step<Value>(source: AsyncGenerator<Value>) {
  const next = source.next().then((result) => ({ source, result }));
  // it is awaited later, maybe only by `finally`: until then its failure has a handler
  next.catch(() => undefined);
  return next;
}
