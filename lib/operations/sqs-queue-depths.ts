import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDepth, QueueDepths } from './ports.ts';

export interface SqsQueueDepthsOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Called when its depth is asked for, and may throw. */
  readonly undeliverableQueueUrl: () => string;
}

export function createSqsQueueDepths(options: SqsQueueDepthsOptions): QueueDepths {
  const { client, queueUrl, deadLetterQueueUrl, undeliverableQueueUrl } = options;
  const depthOf = async (QueueUrl: string): Promise<QueueDepth> => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    };
  };
  return {
    queue: () => depthOf(queueUrl),
    deadLetters: () => depthOf(deadLetterQueueUrl),
    undeliverable: async () => depthOf(undeliverableQueueUrl()),
  };
}
