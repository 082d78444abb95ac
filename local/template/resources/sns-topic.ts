import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

/** An ARN for alarms to point at: no alarm is raised here, so nothing is ever sent. */
export const snsTopic: ResourceType = {
  type: 'AWS::SNS::Topic',
  properties: {
    DisplayName: 'without-effect',
    KmsMasterKeyId: 'without-effect',
    Tags: 'without-effect',
    TopicName: 'used',
  },
  attributes: ['TopicArn', 'TopicName'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
  updates: { replacedBy: ['TopicName'], nameProperty: 'TopicName' },

  async create(resource, { accountId, region }) {
    const name = resourceName(resource, 'TopicName', { maxLength: 256 });
    const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
    return { physicalId: arn, arn, attributes: { TopicArn: arn, TopicName: name } };
  },
};
