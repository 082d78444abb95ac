import { objectAt } from '../json.ts';
import { requiredText, textList } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

export const sqsQueuePolicy: ResourceType = {
  type: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: 'used', Queues: 'used' },
  attributes: ['Id'],

  async create(resource) {
    const { properties } = resource;
    const id = resource.physicalName({ maxLength: 128 });
    const resources = textList(properties, 'Queues');
    const document = objectAt(properties, 'PolicyDocument');
    return { physicalId: id, attributes: { Id: id }, detail: { kind: 'resource-policy', resources, document } };
  },
};

export const s3BucketPolicy: ResourceType = {
  type: 'AWS::S3::BucketPolicy',
  properties: { Bucket: 'used', PolicyDocument: 'used' },
  attributes: [],

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
