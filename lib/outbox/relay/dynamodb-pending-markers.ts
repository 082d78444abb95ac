import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { PENDING_ATTRIBUTES, PENDING_TABLE } from '../../definitions/index.ts';
import { keyItem, keyOf, keyText, noteValue } from '../event-record.ts';
import { failureOf, failureOfError } from './failure.ts';
import type { DeletionResult, PendingMarkers, QuarantineResult } from './ports.ts';

export interface DynamoDbPendingMarkersProps {
  /** With `maxAttempts: 1`: the relay retries itself and knows the remaining time. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Errors that an immediate retry cannot fix; all others are retried. */
const PERMANENT = new Set([
  'AccessDeniedException',
  'ItemCollectionSizeLimitExceededException',
  'ResourceNotFoundException',
  'ValidationException',
]);

/** Creates the markers on the pending table. */
export function createDynamoDbPendingMarkers({ client, tableName }: DynamoDbPendingMarkersProps): PendingMarkers {
  return {
    async deleteBatch(keys, signal): Promise<DeletionResult> {
      const requests = keys.map((key) => ({ DeleteRequest: { Key: keyItem(key) } }));
      try {
        const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } });
        const { UnprocessedItems = {} } = await client.send(command, { abortSignal: signal });
        const unprocessed = new Set(UnprocessedItems[tableName]?.map(nameOf));
        if (unprocessed.size === 0) return { status: 'deleted' };
        const remaining = keys.filter((key) => unprocessed.has(keyText(key)));
        const failure = failureOf('UNPROCESSED', `${unprocessed.size} of ${keys.length} deletions were not processed`);
        // if duplicate keys cannot be matched, none counts as deleted
        const matched = remaining.length === unprocessed.size ? remaining : keys;
        return { status: 'incomplete', remaining: matched, failure, retryable: true };
      } catch (error) {
        const failure = failureOfError(error);
        return { status: 'incomplete', remaining: keys, failure, retryable: !PERMANENT.has(failure.code) };
      }
    },

    async quarantine(key, note, signal): Promise<QuarantineResult> {
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: keyItem(key),
        UpdateExpression: 'SET #quarantined = :note',
        ConditionExpression: 'attribute_exists(#key)',
        ExpressionAttributeNames: {
          '#quarantined': PENDING_ATTRIBUTES.quarantined,
          '#key': PENDING_TABLE.partitionKey.name,
        },
        ExpressionAttributeValues: { ':note': noteValue(note) },
      });
      try {
        await client.send(command, { abortSignal: signal });
        return { status: 'noted' };
      } catch (error) {
        const failure = failureOfError(error);
        if (failure.code === 'ConditionalCheckFailedException') return { status: 'absent' };
        return { status: 'failed', failure, retryable: !PERMANENT.has(failure.code) };
      }
    },
  };
}

const nameOf = (request: WriteRequest | undefined): string => keyText(keyOf(request?.DeleteRequest?.Key ?? {}));
