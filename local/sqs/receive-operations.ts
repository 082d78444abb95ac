import { invalidValue } from './errors.ts';
import type { Input } from './input.ts';
import { md5OfAttributes } from './message-attributes.ts';
import type { Operations } from './operation.ts';
import type { Queue } from './queue.ts';
import type { QueueRegistry } from './queue-registry.ts';
import type { MessageAttribute, QueuedMessage } from './queued-message.ts';
import { writeReceiptHandle } from './receipt-handle.ts';

export const MAX_VISIBILITY_SECONDS = 43_200;
const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;

export function receiveOperations(registry: QueueRegistry): Operations {
  return {
    async ReceiveMessage(input) {
      const queue = registry.byUrl(input.string('QueueUrl'));
      const { visibilityMs, waitMs } = queue.settings();
      const maxMessages = input.optionalInteger('MaxNumberOfMessages') ?? 1;
      if (maxMessages < 1 || maxMessages > MAX_MESSAGES) {
        throw invalidValue(maxMessages, 'MaxNumberOfMessages', `Must be between 1 and ${MAX_MESSAGES}, if provided.`);
      }
      const visibilitySeconds = readSeconds(input, 'VisibilityTimeout', MAX_VISIBILITY_SECONDS);
      const waitSeconds = readSeconds(input, 'WaitTimeSeconds', MAX_WAIT_SECONDS);
      queue.admit('receive');
      const messages = await queue.receive(
        {
          maxMessages,
          visibilityMs: visibilitySeconds === undefined ? visibilityMs : visibilitySeconds * 1000,
          attemptId: queue.isFifo ? readAttemptId(input) : undefined,
        },
        waitSeconds === undefined ? waitMs : waitSeconds * 1000,
      );
      const wanted = readWanted(input);
      return messages.length === 0 ? {} : { Messages: messages.map((message) => describe(queue, message, wanted)) };
    },
  };
}

/** @throws AwsError `InvalidParameterValue` when not within 0 and `max`. */
function readSeconds(input: Input, name: string, max: number): number | undefined {
  const seconds = input.optionalInteger(name);
  if (seconds === undefined || (seconds >= 0 && seconds <= max)) return seconds;
  throw invalidValue(seconds, name, `Must be >= 0 and <= ${max}, if provided.`);
}

function readAttemptId(input: Input): string | undefined {
  const name = 'ReceiveRequestAttemptId';
  const value = input.optionalString(name);
  if (value === undefined || /^[!-~]{1,128}$/.test(value)) return value;
  throw invalidValue(
    value,
    name,
    `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

interface Wanted {
  readonly isSystemAttribute: (name: string) => boolean;
  readonly isAttribute: (name: string) => boolean;
}

function readWanted(input: Input): Wanted {
  const system = [...input.strings('AttributeNames'), ...input.strings('MessageSystemAttributeNames')];
  const own = input.strings('MessageAttributeNames');
  const isAll = own.includes('All') || own.includes('*');
  const prefixes = own.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -'.*'.length));
  return {
    isSystemAttribute: (name) => system.includes('All') || system.includes(name),
    isAttribute: (name) => isAll || own.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  };
}

function describe(queue: Queue, message: QueuedMessage, wanted: Wanted): object {
  const system = systemAttributes(message).filter(([name]) => wanted.isSystemAttribute(name));
  const own = Object.entries(message.attributes).filter(([name]) => wanted.isAttribute(name));
  const attributes: Record<string, MessageAttribute> = Object.fromEntries(own);
  return {
    MessageId: message.messageId,
    ReceiptHandle: writeReceiptHandle({
      queueArn: queue.arn,
      messageId: message.messageId,
      receive: message.receiveCount,
    }),
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(system.length === 0 ? {} : { Attributes: Object.fromEntries(system) }),
    ...(own.length === 0 ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) }),
  };
}

function systemAttributes(message: QueuedMessage): readonly (readonly [string, string])[] {
  const all: readonly (readonly [string, string | undefined])[] = [
    ['SenderId', message.senderId],
    ['SentTimestamp', String(message.sentAt)],
    ['ApproximateReceiveCount', String(message.receiveCount)],
    ['ApproximateFirstReceiveTimestamp', message.firstReceivedAt?.toString()],
    ['SequenceNumber', message.sequenceNumber],
    ['MessageGroupId', message.groupId],
    ['MessageDeduplicationId', message.deduplicationId],
    ['AWSTraceHeader', message.traceHeader],
    ['DeadLetterQueueSourceArn', message.deadLetterSourceArn],
  ];
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
