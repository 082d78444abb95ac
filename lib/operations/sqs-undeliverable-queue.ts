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

/**
 * Maximum of one request. @see
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
const MAX_MESSAGES = 10;

/** Long polling queries all servers of the queue; short polling may return nothing. */
const WAIT_SECONDS = 1;

/** Long enough that one command does not receive a message twice. */
const HIDDEN_SECONDS = 120;

export const createSqsUndeliverableQueue = ({
  client,
  queueUrl: QueueUrl,
}: SqsUndeliverableQueueOptions): UndeliverableQueue => ({
  async receive() {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: MAX_MESSAGES,
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
    for (let start = 0; start < receiptHandles.length; start += MAX_MESSAGES) {
      const Entries = receiptHandles
        .slice(start, start + MAX_MESSAGES)
        .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
      try {
        // failed entries become visible when their visibility timeout ends
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      } catch {
        // so do those of a failed request, and its error must not replace an earlier one
        return;
      }
    }
  },
});
