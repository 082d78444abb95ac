import type { JsonObject } from '../../endpoint/service.ts';
import { isObject, objectAt } from '../json.ts';
import { optionalText, requiredText, textList } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

export const sqsQueuePolicy: ResourceType = {
  type: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: 'used', Queues: 'used' },
  attributes: ['Id'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
  updates: { replacedBy: [] },

  async create(resource) {
    const { properties } = resource;
    const id = resource.physicalName({ maxLength: 128 });
    const resources = textList(properties, 'Queues');
    const document = objectAt(properties, 'PolicyDocument');
    return { physicalId: id, attributes: { Id: id }, detail: { kind: 'resource-policy', resources, document } };
  },
};

/** One statement of a bus's policy, written out or in the short form that allows an account to put events. */
export const eventsBusPolicy: ResourceType = {
  type: 'AWS::Events::EventBusPolicy',
  properties: {
    Action: 'used',
    Condition: { Key: 'used', Type: 'used', Value: 'used' },
    EventBusName: 'used',
    Principal: 'used',
    Statement: 'used',
    StatementId: 'used',
  },
  attributes: [],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html */
  updates: { replacedBy: ['EventBusName', 'StatementId'] },

  async create({ properties }, { accountId, region }) {
    const busName = optionalText(properties, 'EventBusName') ?? 'default';
    const id = requiredText(properties, 'StatementId');
    const arn = `arn:aws:events:${region}:${accountId}:event-bus/${busName}`;
    const written = properties['Statement'];
    const statement = written === undefined ? shortStatement(properties, arn) : written;
    if (!isObject(statement)) throw new TypeError("property 'Statement' is no object");
    return {
      physicalId: `${busName}|${id}`,
      detail: {
        kind: 'resource-policy',
        resources: [arn],
        document: { Version: '2012-10-17', Statement: [{ ...statement, Sid: id }] },
      },
    };
  },
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html */
function shortStatement(properties: JsonObject, busArn: string): JsonObject {
  const principal = requiredText(properties, 'Principal');
  const condition = objectAt(properties, 'Condition');
  return {
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: principal },
    Action: requiredText(properties, 'Action'),
    Resource: busArn,
    ...(Object.keys(condition).length === 0
      ? {}
      : {
          Condition: {
            [requiredText(condition, 'Type')]: { [requiredText(condition, 'Key')]: requiredText(condition, 'Value') },
          },
        }),
  };
}

export const s3BucketPolicy: ResourceType = {
  type: 'AWS::S3::BucketPolicy',
  properties: { Bucket: 'used', PolicyDocument: 'used' },
  attributes: [],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
  updates: { replacedBy: ['Bucket'] },

  async create({ properties }) {
    const bucketName = requiredText(properties, 'Bucket');
    return {
      physicalId: bucketName,
      detail: {
        kind: 'resource-policy',
        resources: [`arn:aws:s3:::${bucketName}`],
        document: objectAt(properties, 'PolicyDocument'),
      },
    };
  },
};
