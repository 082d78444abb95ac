import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Happened } from '../happened.ts';

const client = new DynamoDBClient({});
const { BENCH_TABLE_NAME, INBOX_TABLE_NAME } = process.env;

/**
 * The least that an effect once per event takes: one transaction with the handler's write and a record of the event. It keeps
 * no order, explains no failure, measures nothing and checks nothing.
 */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const groups = Map.groupBy(Records, ({ attributes }) => attributes.MessageGroupId);
  const failed = await Promise.all([...groups.values()].map(failedOf));
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

/** Handles a group's messages one after another. @returns those from the first that failed on */
async function failedOf(messages: readonly SQSRecord[]): Promise<readonly SQSRecord[]> {
  for (const [index, { body }] of messages.entries()) {
    try {
      await commit(JSON.parse(body));
    } catch (error) {
      if (!isDuplicate(error)) return messages.slice(index);
    }
  }
  return [];
}

async function commit({ id, partitionkey, sequence, time }: Happened): Promise<void> {
  const effect = {
    id: { S: `consumer-1#${id}` },
    group: { S: partitionkey },
    sequence: { N: String(sequence) },
    time: { S: time },
  };
  const record = { id: { S: id } };
  const TransactItems = [
    { Put: { TableName: BENCH_TABLE_NAME, Item: effect } },
    { Put: { TableName: INBOX_TABLE_NAME, Item: record, ConditionExpression: 'attribute_not_exists(id)' } },
  ];
  await client.send(new TransactWriteItemsCommand({ TransactItems }));
}

const isDuplicate = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'TransactionCanceledException' &&
  /ConditionalCheckFailed/.test(error.message);
