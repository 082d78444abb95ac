import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { UndeliverableQueue } from './ports.ts';

export interface SqsUndeliverableQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/** The most that one request has. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MOST_MESSAGES = 10;

/** A long poll asks all servers of the queue; a short one may say that there is nothing. */
const WAIT_SECONDS = 1;

/** What is left is not received again by the same command. */
const HIDDEN_SECONDS = 120;

export const createSqsUndeliverableQueue = ({
  client,
  queueUrl: QueueUrl,
}: SqsUndeliverableQueueOptions): UndeliverableQueue => ({
  async receive() {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: MOST_MESSAGES,
        WaitTimeSeconds: WAIT_SECONDS,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageAttributeNames: ['ERROR_CODE'],
      }),
    );
    return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', MessageAttributes }) => ({
      messageId: MessageId,
      body: Body,
      receiptHandle: ReceiptHandle,
      errorCode: MessageAttributes?.['ERROR_CODE']?.StringValue ?? '',
    }));
  },
  async delete(ReceiptHandle) {
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  },
  async show(receiptHandles) {
    for (let start = 0; start < receiptHandles.length; start += MOST_MESSAGES) {
      const Entries = receiptHandles
        .slice(start, start + MOST_MESSAGES)
        .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
      try {
        // entries that fail show when their time is over
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      } catch {
        // so do all of a request that fails; and what went wrong before must not be hidden by it
        return;
      }
    }
  },
});
