import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { batchAnswer, forEachEntry, readBatch } from './batch.ts';
import { invalidValue, receiptHandleIsInvalid } from './errors.ts';
import type { Input } from './input.ts';
import type { Operations } from './operation.ts';
import type { Queue } from './queue.ts';
import type { QueueRegistry } from './queue-registry.ts';
import type { QueuedMessage } from './queued-message.ts';
import { readReceiptHandle } from './receipt-handle.ts';
import { MAX_VISIBILITY_SECONDS } from './receive-operations.ts';

/** @param expired the error for a handle that is not the current one. */
type Act = (queue: Queue, input: Input, expired: (handle: string) => AwsError) => void;

type Action = 'delete' | 'changeVisibility';

/** What a consumer does with the receipt handle of a message that it received. */
export function receiptOperations(registry: QueueRegistry, clock: EngineClock): Operations {
  const queueOf = (input: Input) => registry.byUrl(input.string('QueueUrl'));

  const remove: Act = (queue, input, expired) => {
    const message = resolve(queue, input.string('ReceiptHandle'), expired);
    if (message !== undefined) queue.remove(message);
  };

  const changeVisibility: Act = (queue, input, expired) => {
    const handle = input.string('ReceiptHandle');
    const seconds = input.integer('VisibilityTimeout');
    if (seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${MAX_VISIBILITY_SECONDS}.`);
    }
    const message = resolve(queue, handle, expired);
    if (message === undefined) {
      throw invalidValue(
        handle,
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    }
    // shown again in the meantime: recorded as a success
    if (message.state.kind !== 'inFlight') return;
    const hiddenMs = clock.now() + seconds * 1000 - message.state.receivedAt;
    if (hiddenMs > MAX_VISIBILITY_SECONDS * 1000) {
      throw invalidValue(
        seconds,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds]`,
      );
    }
    queue.changeVisibility(message, seconds * 1000);
  };

  const alone = (act: Act, action: Action) => (input: Input) => {
    const queue = queueOf(input);
    queue.admit(action);
    act(queue, input, expiredAlone);
    return {};
  };

  const inBatch = (act: Act, action: Action) => (input: Input) => {
    const queue = queueOf(input);
    queue.admit(action);
    const outcome = forEachEntry(readBatch(input), ({ id, input: entry }) => {
      act(queue, entry, expiredInBatch);
      return { Id: id };
    });
    return batchAnswer(outcome);
  };

  return {
    DeleteMessage: alone(remove, 'delete'),
    DeleteMessageBatch: inBatch(remove, 'delete'),
    ChangeMessageVisibility: alone(changeVisibility, 'changeVisibility'),
    ChangeMessageVisibilityBatch: inBatch(changeVisibility, 'changeVisibility'),
  };
}

const expiredAlone = (handle: string) => invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');

/** In a batch, the service reports an expired handle by another code than alone. */
const expiredInBatch = () =>
  new AwsError('ReceiptHandleIsInvalid', 'The receipt handle has expired', { queryCode: 'ReceiptHandleIsInvalid' });

/**
 * The message that a handle stands for; undefined when it is gone, which deleting takes for success. A FIFO queue takes
 * the handle of the current receive only, a standard queue any handle of the message.
 * @throws AwsError `ReceiptHandleIsInvalid`, or `InvalidParameterValue` for a handle of another queue.
 */
function resolve(queue: Queue, handle: string, expired: (handle: string) => AwsError): QueuedMessage | undefined {
  const receipt = readReceiptHandle(handle);
  if (receipt === undefined) throw receiptHandleIsInvalid(handle);
  if (receipt.queueArn !== queue.arn) {
    throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle belongs to another queue.');
  }
  const message = queue.core.find(receipt.messageId);
  const isCurrent = message?.state.kind === 'inFlight' && message.receiveCount === receipt.receive;
  if (message !== undefined && queue.isFifo && !isCurrent) throw expired(handle);
  return message;
}
