import { type JsonObject, USER } from '../../endpoint/service.ts';
import { initialAttributes } from '../../sqs/queue-attributes.ts';
import { isObject, stringAt } from '../json.ts';
import { optionalBoolean, optionalNumber, optionalText } from '../property-values.ts';
import type { DeploymentEnvironment } from '../pseudo-parameters.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, ResourceType } from '../resource-type.ts';

/** Properties that are queue attributes under the same name. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'VisibilityTimeout',
] as const;

export const sqsQueue: ResourceType = {
  type: 'AWS::SQS::Queue',
  properties: {
    ContentBasedDeduplication: 'used',
    DeduplicationScope: 'used',
    DelaySeconds: 'used',
    FifoQueue: 'used',
    FifoThroughputLimit: 'used',
    KmsDataKeyReusePeriodSeconds: 'without-effect',
    KmsMasterKeyId: 'without-effect',
    MaximumMessageSize: 'used',
    MessageRetentionPeriod: 'used',
    QueueName: 'used',
    ReceiveMessageWaitTimeSeconds: 'used',
    RedriveAllowPolicy: { redrivePermission: 'used', sourceQueueArns: 'used' },
    RedrivePolicy: { deadLetterTargetArn: 'used', maxReceiveCount: 'used' },
    SqsManagedSseEnabled: 'without-effect',
    Tags: 'without-effect',
    VisibilityTimeout: 'used',
  },
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
  updates: { replacedBy: ['FifoQueue', 'QueueName'], nameProperty: 'QueueName' },

  async create(resource, { accountId, engines, region }) {
    const { properties } = resource;
    const fifo = optionalBoolean(properties, 'FifoQueue') ?? false;
    const queueName = resourceName(resource, 'QueueName', { maxLength: 80, ...(fifo ? { ending: '.fifo' } : {}) });
    const output = await engines.sqs.handle(
      'CreateQueue',
      {
        QueueName: queueName,
        Attributes: {
          ...(fifo ? { FifoQueue: 'true' } : {}),
          ...attributesOf(properties),
        },
      },
      USER,
    );

    return describe({ accountId, region }, queueName, stringAt(output, 'QueueUrl') ?? '', properties);
  },

  // on AWS an attribute takes up to a minute until it is in effect everywhere
  async update({ resource: before, made }, { properties }, { accountId, engines, region }) {
    const fifo = optionalBoolean(properties, 'FifoQueue') ?? false;
    const fallback = Object.fromEntries(
      Object.keys(attributesOf(before.properties)).map((name) => [name, fallbackOf(name, fifo)]),
    );
    const Attributes = { ...fallback, ...attributesOf(properties) };
    if (Object.keys(Attributes).length > 0) {
      await engines.sqs.handle('SetQueueAttributes', { QueueUrl: made.physicalId, Attributes }, USER);
    }
    return describe({ accountId, region }, made.attributes?.['QueueName'] ?? '', made.physicalId, properties);
  },

  /** What is still in it is gone with it. */
  async delete({ made }, { engines }) {
    await engines.sqs.handle('DeleteQueue', { QueueUrl: made.physicalId }, USER);
  },
};

function describe(
  { accountId, region }: DeploymentEnvironment,
  queueName: string,
  url: string,
  properties: JsonObject,
): CreatedResource {
  const arn = `arn:aws:sqs:${region}:${accountId}:${queueName}`;
  const redrive = readRedrivePolicy(properties['RedrivePolicy']);
  return {
    physicalId: url,
    arn,
    attributes: { Arn: arn, QueueName: queueName, QueueUrl: url },
    detail: {
      kind: 'queue',
      queueName,
      url,
      fifo: optionalBoolean(properties, 'FifoQueue') ?? false,
      deadLetterQueueArn: optionalText(redrive, 'deadLetterTargetArn'),
      maxReceiveCount: optionalNumber(redrive, 'maxReceiveCount'),
    },
  };
}

const attributesOf = (properties: JsonObject): Record<string, string> =>
  Object.fromEntries(
    ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [name, asText(properties[name])]),
  );

/** What an attribute goes back to that the template does not name any more; policies go. */
const fallbackOf = (name: string, fifo: boolean): string => initialAttributes(fifo)[name] ?? '';

/** CloudFormation takes it as an object or as JSON text. */
function readRedrivePolicy(policy: unknown): JsonObject {
  const value: unknown = typeof policy === 'string' ? JSON.parse(policy) : policy;
  return isObject(value) ? value : {};
}

const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
