import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PENDING_ATTRIBUTES } from '../definitions/index.ts';
import { keyItem } from '../outbox/index.ts';
import type { Quarantine } from './republish.ts';

export interface DynamoDbQuarantineOptions {
  readonly client: DynamoDBClient;
  readonly pendingTableName: string;
}

export function createDynamoDbQuarantine({ client, pendingTableName }: DynamoDbQuarantineOptions): Quarantine {
  return {
    async release(place) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: pendingTableName,
            Key: keyItem(place),
            UpdateExpression: 'REMOVE #quarantined',
            // without a marker the event was published: an update would make a new one
            ConditionExpression: 'attribute_exists(#quarantined)',
            ExpressionAttributeNames: { '#quarantined': PENDING_ATTRIBUTES.quarantined },
          }),
        );
        return 'released';
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'not-quarantined';
        throw error;
      }
    },
  };
}
