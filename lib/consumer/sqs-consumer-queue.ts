import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EpochMs } from '../shared/time.ts';
import type { ConsumerQueue } from './ports.ts';

export interface SqsConsumerQueueOptions {
  readonly client: SQSClient;
  /** The consumer's own FIFO queue. */
  readonly queueUrl: string;
  /**
   * At most 128 characters, different for every call: an event may be resent within the queue's deduplication interval
   * of five minutes.
   */
  readonly newDeduplicationId: () => string;
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
const BATCH_MAX_ENTRIES = 10;

export function createSqsConsumerQueue({
  client,
  queueUrl,
  newDeduplicationId,
}: SqsConsumerQueueOptions): ConsumerQueue {
  let createdAt: EpochMs | undefined;
  return {
    async resend(group, body) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: body,
          MessageGroupId: group,
          MessageDeduplicationId: newDeduplicationId(),
        }),
      );
    },

    async changeVisibility(receiptHandle, delaySeconds) {
      try {
        await client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: delaySeconds,
          }),
        );
        return 'changed';
      } catch (error) {
        if (isStaleReceipt(error)) return 'stale';
        throw error;
      }
    },

    async delete(receiptHandles) {
      for (let start = 0; start < receiptHandles.length; start += BATCH_MAX_ENTRIES) {
        const Entries = receiptHandles
          .slice(start, start + BATCH_MAX_ENTRIES)
          .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        try {
          await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        } catch {
          // Lambda deletes them if the invocation succeeds; otherwise they arrive again as duplicates
        }
      }
    },

    async createdAt() {
      if (createdAt === undefined) {
        const { Attributes } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['CreatedTimestamp'] }),
        );
        createdAt = (Number(Attributes?.CreatedTimestamp) * 1000) as EpochMs;
      }
      return createdAt;
    },
  };
}

/** Errors of SQS for the receipt handle of a message that was deleted, moved or received again. */
const STALE_RECEIPT = new Set([
  'ReceiptHandleIsInvalid',
  'MessageNotInflight',
  'InvalidParameterValueException',
  'InvalidParameterValue',
]);

const isStaleReceipt = (error: unknown) => {
  const { name, Code } = error as { name?: string; Code?: string };
  return STALE_RECEIPT.has(name ?? '') || STALE_RECEIPT.has(Code ?? '');
};
