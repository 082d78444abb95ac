import type { Caller } from '../endpoint/service.ts';
import { ALLOWED_CHARACTERS, forbiddenIn } from './characters.ts';
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from './errors.ts';
import type { Input } from './input.ts';
import {
  md5OfAttributes,
  md5OfText,
  readMessageAttributes,
  readSystemAttributes,
  sizeOfAttributes,
} from './message-attributes.ts';
import type { Outgoing } from './message-intake.ts';
import type { Queue } from './queue.ts';

const MAX_DELAY_SECONDS = 900;
const WRONG_QUEUE_TYPE = 'The request include parameter that is not valid for this queue type.';

export interface MeasuredOutgoing extends Outgoing {
  /** As limits count it: body, attribute names, types and values. */
  readonly bytes: number;
  /** Undefined without system attributes; a trace header that only the request carries is none. */
  readonly systemAttributesMd5: string | undefined;
}

/**
 * Reads `SendMessage`'s input, or one entry of a batch, by the rules of `queue`'s type.
 * @param tooLong what the service says of the parameters of a message that is too long: not the same in a batch
 * @throws AwsError `MissingParameter`, `InvalidParameterValue`, `InvalidMessageContents`
 */
export function readOutgoing(
  input: Input,
  queue: Queue,
  caller: Caller,
  tooLong: 'are invalid' | 'cannot be validated' = 'are invalid',
): MeasuredOutgoing {
  const body = input.optionalString('MessageBody') ?? '';
  if (body === '') throw missingParameter('MessageBody');
  const forbidden = forbiddenIn(body);
  if (forbidden !== undefined) {
    throw invalidMessageContents(
      `Invalid binary character '${forbidden}' was found in the message body, the set of allowed characters is ${ALLOWED_CHARACTERS}`,
    );
  }
  const groupId = readToken(input, 'MessageGroupId');
  const deduplicationId = readToken(input, 'MessageDeduplicationId');
  assertIds(queue, groupId, deduplicationId);
  const attributes = readMessageAttributes(input);
  const systemAttributes = readSystemAttributes(input);
  const bytes = Buffer.byteLength(body) + sizeOfAttributes(attributes);
  const maximumBytes = queue.settings().maximumMessageBytes;
  if (bytes > maximumBytes) {
    throw invalidParameter(
      `One or more parameters ${tooLong}. Reason: Message must be shorter than ${maximumBytes} bytes.`,
    );
  }
  return {
    content: {
      body,
      bodyMd5: md5OfText(body),
      attributes,
      groupId,
      senderId: senderIdOf(caller),
      traceHeader: systemAttributes['AWSTraceHeader']?.StringValue ?? traceIdOf(caller),
    },
    deduplicationId,
    delayMs: readDelayMs(input, queue),
    bytes,
    systemAttributesMd5: md5OfAttributes(systemAttributes),
  };
}

/** Reads as much as the size limit of a whole batch needs, whatever else is wrong with the entry. */
export const sizeOf = (entry: Input): number =>
  Buffer.byteLength(entry.optionalString('MessageBody') ?? '') +
  [...entry.objectMap('MessageAttributes')].reduce((bytes, [name, value]) => {
    const binary = value.optionalString('BinaryValue');
    const valueBytes = binary === undefined ? value.optionalString('StringValue') : Buffer.from(binary, 'base64');
    return (
      bytes +
      Buffer.byteLength(name) +
      Buffer.byteLength(value.optionalString('DataType') ?? '') +
      Buffer.byteLength(valueBytes ?? '')
    );
  }, 0);

/** A group or deduplication id: 1 to 128 of ASCII's letters, digits and punctuation, so no space. */
function readToken(input: Input, name: string): string | undefined {
  const value = input.optionalString(name);
  if (value === undefined || /^[!-~]{1,128}$/.test(value)) return value;
  throw invalidValue(
    value,
    name,
    `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function assertIds(queue: Queue, groupId: string | undefined, deduplicationId: string | undefined): void {
  if (!queue.isFifo) {
    if (deduplicationId !== undefined) throw invalidValue(deduplicationId, 'MessageDeduplicationId', WRONG_QUEUE_TYPE);
    return;
  }
  if (groupId === undefined) throw missingParameter('MessageGroupId');
  assertDeduplicable(queue, deduplicationId);
}

/** @throws AwsError `InvalidParameterValue` when a FIFO queue cannot tell the message from others. */
export function assertDeduplicable(queue: Queue, deduplicationId: string | undefined): void {
  if (queue.isFifo && deduplicationId === undefined && !queue.settings().contentBasedDeduplication) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

function readDelayMs(input: Input, queue: Queue): number | undefined {
  const seconds = input.optionalInteger('DelaySeconds');
  if (seconds === undefined) return undefined;
  if (queue.isFifo) {
    if (seconds === 0) return undefined;
    throw invalidValue(seconds, 'DelaySeconds', WRONG_QUEUE_TYPE);
  }
  if (seconds < 0 || seconds > MAX_DELAY_SECONDS) {
    throw invalidValue(seconds, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`);
  }
  return seconds * 1000;
}

const traceIdOf = (caller: Caller) => (caller.kind === 'service' ? undefined : caller.traceId);

function senderIdOf(caller: Caller): string {
  switch (caller.kind) {
    case 'user':
      return 'AIDALOCALUSER';
    case 'role':
      return `AROALOCAL:${caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1)}`;
    case 'service':
      return caller.principal;
  }
}
