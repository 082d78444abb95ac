import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../../lib/definitions/index.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MOST_KEYS = 100;

/** Requests to one loopback endpoint: more at a time would only queue there. */
const AT_A_TIME = 4;

const ID = INBOX_TABLE.partitionKey.name;

/** As Powertools writes it when an effect has been had. */
const COMPLETED = 'COMPLETED';

/**
 * Which of the records stand in the inbox as completed.
 * @param keys of any number; one that comes twice is asked for once
 */
export async function findCompleted(
  client: DynamoDBClient,
  tableName: string,
  keys: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const completed = new Set<string>();
  const batches = inBatches([...new Set(keys)].map((key) => ({ [ID]: { S: key } })));
  const work = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [tableName]: {
              Keys: batch,
              ProjectionExpression: '#id, #status',
              ExpressionAttributeNames: { '#id': ID, '#status': 'status' },
              ConsistentRead: true,
            },
          },
        }),
      );
      for (const item of Responses?.[tableName] ?? []) {
        if (item['status']?.S === COMPLETED) completed.add(item[ID]?.S ?? '');
      }
      const left = UnprocessedKeys?.[tableName]?.Keys ?? [];
      if (left.length > 0) batches.push(left);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return completed;
}

type Key = Record<string, AttributeValue>;

function inBatches(keys: Key[]): Key[][] {
  const batches: Key[][] = [];
  for (let start = 0; start < keys.length; start += MOST_KEYS) batches.push(keys.slice(start, start + MOST_KEYS));
  return batches;
}
