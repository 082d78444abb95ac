import { createHash, hash } from 'node:crypto';
import { ALLOWED_CHARACTERS, forbiddenIn } from './characters.ts';
import { invalidMessageContents, invalidParameter } from './errors.ts';
import type { Input } from './input.ts';
import type { MessageAttribute } from './queued-message.ts';

type Attributes = Readonly<Record<string, MessageAttribute>>;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const MAX_ATTRIBUTES = 10;
const MAX_NAME_LENGTH = 256;

const NONE: Attributes = {};

/** @throws AwsError `InvalidParameterValue` for names, types and values that the service refuses. */
export function readMessageAttributes(input: Input): Attributes {
  const given = input.objectMap('MessageAttributes');
  if (given.size === 0) return NONE;
  if (given.size > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${given.size}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  const attributes = [...given].map(([name, value]) => {
    assertName(name);
    return [name, readAttribute(name, value)] as const;
  });
  // `__proto__` is a name like any other
  return Object.fromEntries(attributes);
}

/** @throws AwsError `InvalidParameterValue` for any other system attribute than a string `AWSTraceHeader`. */
export function readSystemAttributes(input: Input): Attributes {
  const given = input.objectMap('MessageSystemAttributes');
  if (given.size === 0) return NONE;
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, value] of given) {
    if (name !== 'AWSTraceHeader') {
      throw invalidParameter(`Message system attribute name '${name}' is invalid. Valid values: AWSTraceHeader.`);
    }
    const attribute = readAttribute(name, value);
    if (attribute.DataType !== 'String') {
      throw invalidParameter(
        `The message system attribute 'AWSTraceHeader' must be of type String, not ${attribute.DataType}.`,
      );
    }
    attributes[name] = attribute;
  }
  return attributes;
}

function assertName(name: string): void {
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || name.length > MAX_NAME_LENGTH) {
    throw invalidParameter(
      `Invalid message attribute name '${name}'. Can only include alphanumeric characters, hyphens, underscores, or dots. 1 to ${MAX_NAME_LENGTH} in length.`,
    );
  }
  if (/^\.|\.$|\.\./.test(name)) {
    throw invalidParameter(`Invalid message attribute name '${name}': no dot at its start or end, nor two in a row.`);
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(`Message attribute name '${name}' is reserved: it can not start with AWS. or Amazon.`);
  }
}

function readAttribute(name: string, value: Input): MessageAttribute {
  const DataType = value.optionalString('DataType');
  if (DataType === undefined || DataType === '') {
    throw invalidParameter(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  }
  if (!/^(String|Number|Binary)(\..+)?$/.test(DataType) || DataType.length > MAX_NAME_LENGTH) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const member = DataType.startsWith('Binary') ? 'BinaryValue' : 'StringValue';
  const content = value.optionalString(member);
  if (content === undefined || content === '') {
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  }
  const forbidden = forbiddenIn(content);
  if (forbidden !== undefined) {
    throw invalidMessageContents(
      `Invalid binary character '${forbidden}' was found in the message attribute '${name}', the set of allowed characters is ${ALLOWED_CHARACTERS}`,
    );
  }
  if (DataType.startsWith('Number') && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(content)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return member === 'BinaryValue' ? { DataType, BinaryValue: content } : { DataType, StringValue: content };
}

const isBinary = (attribute: MessageAttribute) => attribute.BinaryValue !== undefined;

const valueBytes = (attribute: MessageAttribute): Buffer =>
  isBinary(attribute)
    ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
    : Buffer.from(attribute.StringValue ?? '', 'utf8');

/** Names, types and values count towards a message's size. */
export function sizeOfAttributes(attributes: Attributes): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length;
  }
  return bytes;
}

/**
 * The digest that clients check, over the attributes sorted by name.
 * @returns undefined when there are none.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: Attributes): string | undefined {
  if (attributes === NONE) return undefined;
  const entries = Object.entries(attributes);
  if (entries.length === 0) return undefined;
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const digest = createHash('md5');
  const withLength = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const [name, attribute] of entries) {
    withLength(Buffer.from(name));
    withLength(Buffer.from(attribute.DataType));
    digest.update(Buffer.of(isBinary(attribute) ? 2 : 1));
    withLength(valueBytes(attribute));
  }
  return digest.digest('hex');
}

export const md5OfText = (text: string): string => hash('md5', text);
