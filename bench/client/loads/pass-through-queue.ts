import { DeleteMessageBatchCommand, ReceiveMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { inParallel, millisecondsOf } from '../../measure.ts';
import { type Connection, clientsOf } from '../connection.ts';

export interface PassThroughQueue extends Connection {
  /** FIFO. */
  readonly queueUrl: string;
  readonly messages: number;
  readonly groups: number;
  /** Senders, and as many receivers. */
  readonly concurrency: number;
  readonly run: number;
}

const BATCH = 10;
const BODY_BYTES = 600;

/** Sends, receives and deletes by tens, all at the same time. @returns messages per second */
export async function passThroughQueue(input: PassThroughQueue): Promise<number> {
  const { queueUrl: QueueUrl, messages, groups, concurrency, run } = input;
  const { sqs } = clientsOf(input);
  const body = 'x'.repeat(BODY_BYTES);
  let deleted = 0;

  const send = async (batch: number) => {
    const Entries = Array.from({ length: BATCH }, (_, index) => {
      const number = batch * BATCH + index;
      const MessageDeduplicationId = `${run}-${number}`;
      return {
        Id: String(index),
        MessageBody: body,
        MessageGroupId: `group-${number % groups}`,
        MessageDeduplicationId,
      };
    });
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  };
  const receiveAll = async () => {
    while (deleted < messages) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0) continue;
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      deleted += Messages.length;
      if (deleted >= messages) finish();
    }
  };

  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const elapsedMs = await millisecondsOf(async () => {
    const receiving = Promise.all(Array.from({ length: concurrency }, receiveAll));
    await inParallel(messages / BATCH, concurrency, send);
    await Promise.race([finished, receiving]);
  });
  // receivers that wait for more than came
  sqs.destroy();
  return (1000 * messages) / elapsedMs;
}
