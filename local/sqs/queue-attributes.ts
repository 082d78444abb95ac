import { ownMember } from '../../lib/definitions/index.ts';
import { invalidAttributeName, invalidAttributeValue, unknownAttribute } from './errors.ts';
import {
  parseRedriveAllowPolicy,
  parseRedrivePolicy,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from './redrive-policy.ts';

/** A queue's settable attributes as the API knows them: strings, complete with defaults. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** The same, as the engine uses them. */
export interface QueueSettings {
  readonly delayMs: number;
  readonly maximumMessageBytes: number;
  readonly retentionMs: number;
  readonly waitMs: number;
  readonly visibilityMs: number;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationPerGroup: boolean;
  /** Each message group has a rate of its own. */
  readonly highThroughput: boolean;
  readonly redrive: RedrivePolicy | undefined;
  readonly redriveAllow: RedriveAllowPolicy | undefined;
}

interface Definition {
  /** Undefined: not shown until set. */
  readonly initial?: string;
  readonly fifoOnly?: true;
  /** @returns the value as it is kept, or undefined when it is not allowed. */
  readonly parse: (value: string) => string | undefined;
}

const integer = (initial: string | undefined, min: number, max: number): Definition => ({
  ...(initial === undefined ? {} : { initial }),
  parse: (value) =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? `${Number(value)}` : undefined,
});

const oneOf = (...values: readonly [string, ...string[]]): Omit<Definition, 'initial'> & { initial: string } => ({
  initial: values[0],
  parse: (value) => values.find((each) => each.toLowerCase() === value.toLowerCase()),
});

const text = { parse: (value: string) => value };

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const DEFINITIONS: Readonly<Record<string, Definition>> = {
  VisibilityTimeout: integer('30', 0, 43_200),
  MaximumMessageSize: integer('1048576', 1_024, 1_048_576),
  MessageRetentionPeriod: integer('345600', 60, 1_209_600),
  DelaySeconds: integer('0', 0, 900),
  ReceiveMessageWaitTimeSeconds: integer('0', 0, 20),
  Policy: { parse: (value) => (isJson(value) ? value : undefined) },
  RedrivePolicy: { parse: (value) => JSON.stringify(parseRedrivePolicy(value)) },
  RedriveAllowPolicy: { parse: (value) => JSON.stringify(parseRedriveAllowPolicy(value)) },
  KmsMasterKeyId: text,
  KmsDataKeyReusePeriodSeconds: integer(undefined, 60, 86_400),
  SqsManagedSseEnabled: oneOf('true', 'false'),
  ContentBasedDeduplication: { ...oneOf('false', 'true'), fifoOnly: true },
  DeduplicationScope: { ...oneOf('queue', 'messageGroup'), fifoOnly: true },
  FifoThroughputLimit: { ...oneOf('perQueue', 'perMessageGroupId'), fifoOnly: true },
};

/** Attributes that are read only, or fixed when a queue is created. */
const DERIVED = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'FifoQueue',
];

/** What `GetQueueAttributes` may be asked for. */
export const isAttributeName = (name: string): boolean => Object.hasOwn(DEFINITIONS, name) || DERIVED.includes(name);

export function initialAttributes(isFifo: boolean): QueueAttributes {
  const attributes: Record<string, string> = {};
  for (const [name, { initial, fifoOnly }] of Object.entries(DEFINITIONS)) {
    if (initial !== undefined && (isFifo || fifoOnly === undefined)) attributes[name] = initial;
  }
  return attributes;
}

/**
 * The attributes after `changes`; an empty string takes a policy or key away.
 * @throws AwsError `InvalidAttributeName`, `InvalidAttributeValue` or, for policies, `InvalidParameterValue`.
 */
export function changeAttributes(current: QueueAttributes, changes: QueueAttributes, isFifo: boolean): QueueAttributes {
  const attributes: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    const definition = ownMember(DEFINITIONS, name);
    if (definition === undefined || (definition.fifoOnly && !isFifo)) throw unknownAttribute(name);
    if (value === '' && definition.initial === undefined) {
      delete attributes[name];
      continue;
    }
    const parsed = definition.parse(value);
    if (parsed === undefined) throw invalidAttributeValue(name);
    attributes[name] = parsed;
  }
  if (
    attributes['FifoThroughputLimit'] === 'perMessageGroupId' &&
    attributes['DeduplicationScope'] !== 'messageGroup'
  ) {
    throw invalidAttributeValue('FifoThroughputLimit');
  }
  return withOneEncryption(attributes, changes);
}

function withOneEncryption(attributes: Record<string, string>, changes: QueueAttributes): QueueAttributes {
  if (!attributes['KmsMasterKeyId']) return attributes;
  if (changes['KmsMasterKeyId'] && changes['SqsManagedSseEnabled'] === 'true') {
    throw invalidAttributeName(
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
  if (changes['SqsManagedSseEnabled'] === 'true') {
    const { KmsMasterKeyId: _, KmsDataKeyReusePeriodSeconds: __, ...rest } = attributes;
    return rest;
  }
  return { KmsDataKeyReusePeriodSeconds: '300', ...attributes, SqsManagedSseEnabled: 'false' };
}

export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const ms = (name: string) => Number(attributes[name]) * 1000;
  const { RedrivePolicy: redrive, RedriveAllowPolicy: redriveAllow } = attributes;
  return {
    delayMs: ms('DelaySeconds'),
    maximumMessageBytes: Number(attributes['MaximumMessageSize']),
    retentionMs: ms('MessageRetentionPeriod'),
    waitMs: ms('ReceiveMessageWaitTimeSeconds'),
    visibilityMs: ms('VisibilityTimeout'),
    contentBasedDeduplication: attributes['ContentBasedDeduplication'] === 'true',
    deduplicationPerGroup: attributes['DeduplicationScope'] === 'messageGroup',
    highThroughput: attributes['FifoThroughputLimit'] === 'perMessageGroupId',
    redrive: redrive === undefined ? undefined : parseRedrivePolicy(redrive),
    redriveAllow: redriveAllow === undefined ? undefined : parseRedriveAllowPolicy(redriveAllow),
  };
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
