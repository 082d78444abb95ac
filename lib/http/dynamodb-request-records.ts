import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { ClientUsage, RequestRecords } from './ports.ts';
import {
  claimWrite,
  completionWrite,
  grantedOf,
  leaseWrite,
  metBy,
  readRecord,
  releaseWrite,
  requestKey,
} from './request-writes.ts';

export interface DynamoDbRequestsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Errors of the SDK are known by name, because a bundle may hold two copies of a class. */
interface ConditionFailure extends Error {
  readonly Item?: Record<string, AttributeValue>;
}

const isConditionFailure = (error: unknown): error is ConditionFailure =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** Keeps requests under their idempotency keys in DynamoDB. */
export function createDynamoDbRequestRecords({ client, tableName }: DynamoDbRequestsOptions): RequestRecords {
  return {
    async claim(claim) {
      try {
        await client.send(new PutItemCommand(claimWrite(tableName, claim)));
        return { kind: 'claimed' };
      } catch (error) {
        if (!isConditionFailure(error) || error.Item === undefined) throw error;
        return metBy(claim.owner, error.Item);
      }
    },
    async find(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: requestKey(id), ConsistentRead: true }),
      );
      return Item && readRecord(Item);
    },
    async release(claim) {
      try {
        await client.send(new DeleteItemCommand(releaseWrite(tableName, claim)));
        return true;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return false;
      }
    },
    completion: (claim, answer) => completionWrite(tableName, claim, answer),
  };
}

/** Counts what clients use, in the same table. */
export const createDynamoDbClientUsage = ({ client, tableName }: DynamoDbRequestsOptions): ClientUsage => ({
  async lease(window) {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({ ...leaseWrite(tableName, window), ReturnValues: 'UPDATED_NEW' }),
      );
      return grantedOf(window, Attributes);
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return 0;
    }
  },
});
