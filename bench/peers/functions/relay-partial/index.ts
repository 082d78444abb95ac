import { Logger } from '@aws-lambda-powertools/logger';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { entryOf } from '../outbox-entry.ts';

/** Entries of one PutEvents call. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const MAX_ENTRIES = 10;

const logger = new Logger();
const client = new EventBridgeClient({});
const busName = process.env['BUS_NAME'] ?? '';

/** Publishes a batch by tens, and has the stream repeat it from the first record that was not published. */
export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  for (let start = 0; start < Records.length; start += MAX_ENTRIES) {
    const records = Records.slice(start, start + MAX_ENTRIES);
    const failed = await firstUnpublished(records);
    if (failed !== undefined) {
      return { batchItemFailures: [{ itemIdentifier: failed.dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
};

async function firstUnpublished(records: readonly DynamoDBRecord[]): Promise<DynamoDBRecord | undefined> {
  try {
    const command = new PutEventsCommand({ Entries: records.map((record) => entryOf(record, busName)) });
    const { FailedEntryCount = 0, Entries = [] } = await client.send(command);
    if (FailedEntryCount === 0) return undefined;
    logger.warn('entries were refused', { count: FailedEntryCount });
    return records[Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined)];
  } catch (error) {
    logger.error('a call failed', error as Error);
    return records[0];
  }
}
