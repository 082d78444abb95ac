import type { SQSClient } from '@aws-sdk/client-sqs';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { Execution } from '../execution.ts';
import type { FifoQueue } from './fifo-queue.ts';
import { modelSqs } from './model-clients.ts';

interface Input {
  readonly MessageBody?: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
  readonly Entries?: readonly { readonly ReceiptHandle: string }[];
}

/** A queue as an execution reaches it: each request is one I/O step. */
export const sqsIn = (execution: Execution, queue: FifoQueue, createdAt: EpochMs): SQSClient =>
  modelSqs((operation, input) => {
    const { MessageBody = '', MessageGroupId = '', MessageDeduplicationId = '', ...request }: Input = input;
    const { ReceiptHandle = '', VisibilityTimeout = 0, Entries = [] } = request;
    switch (operation) {
      case 'SendMessage':
        return execution.call(`resend ${MessageGroupId}`, () => {
          queue.send(MessageGroupId, MessageBody, MessageDeduplicationId);
          return {};
        });
      case 'ChangeMessageVisibility':
        return execution.call(`hide ${ReceiptHandle} for ${VisibilityTimeout} s`, () => {
          if (queue.hide(ReceiptHandle, VisibilityTimeout) === 'hidden') return {};
          throw Object.assign(new Error('the receipt is no longer good'), { name: 'MessageNotInflight' });
        });
      case 'DeleteMessageBatch':
        return execution.call(`acknowledge ${Entries.map((entry) => entry.ReceiptHandle).join(' ')}`, () => {
          for (const entry of Entries) queue.delete(entry.ReceiptHandle);
          return {};
        });
      case 'GetQueueAttributes':
        return execution.call('queue attributes', () => ({
          Attributes: { CreatedTimestamp: String(createdAt / 1000) },
        }));
      default:
        throw new Error(`the model knows no operation '${operation}'`);
    }
  });
