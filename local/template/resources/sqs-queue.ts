import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, stringAt } from '../json.ts';
import { optionalBoolean, optionalNumber, optionalText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

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
          ...Object.fromEntries(
            ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [name, asText(properties[name])]),
          ),
        },
      },
      USER,
    );

    const url = stringAt(output, 'QueueUrl') ?? '';
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
        fifo,
        deadLetterQueueArn: optionalText(redrive, 'deadLetterTargetArn'),
        maxReceiveCount: optionalNumber(redrive, 'maxReceiveCount'),
      },
    };
  },
};

/** CloudFormation takes it as an object or as JSON text. */
function readRedrivePolicy(policy: unknown): JsonObject {
  const value: unknown = typeof policy === 'string' ? JSON.parse(policy) : policy;
  return isObject(value) ? value : {};
}

const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
