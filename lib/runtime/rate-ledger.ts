import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import type { RateLedger } from '../resilience/index.ts';
import { STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochMs } from '../shared/time.ts';

/** Whose items have the rates of a consumer. */
export interface RateRecords {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

/** Keeps the rate at which all containers of a consumer call an external system: one item of the consumer's inbox. */
export function createConsumerRateLedger(
  { client, tableName: TableName, consumer }: RateRecords,
  system: string,
): RateLedger {
  const key: Record<string, AttributeValue> = {
    [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#rate#${system}` },
  };
  return {
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }));
      if (Item === undefined) return undefined;
      return { nextAt: Number(Item['nextAt']?.N) as EpochMs, revision: Number(Item['revision']?.N) };
    },

    async write(before, nextAt) {
      const revision = (before?.revision ?? 0) + 1;
      try {
        await client.send(
          new PutItemCommand({
            TableName,
            Item: { ...key, ...STORED_FORMAT_VALUE, nextAt: { N: String(nextAt) }, revision: { N: String(revision) } },
            ExpressionAttributeNames: { '#revision': 'revision' },
            ...(before === undefined
              ? { ConditionExpression: 'attribute_not_exists(#revision)' }
              : {
                  ConditionExpression: '#revision = :before',
                  ExpressionAttributeValues: { ':before': { N: String(before.revision) } },
                }),
          }),
        );
        return true;
      } catch (error) {
        // known by name, because a bundle may hold two copies of a class
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
        throw error;
      }
    },
  };
}
