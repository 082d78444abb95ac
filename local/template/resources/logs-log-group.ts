import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

/** A name for functions to log under; what they write goes to the run's own output. */
export const logsLogGroup: ResourceType = {
  type: 'AWS::Logs::LogGroup',
  properties: {
    DataProtectionPolicy: 'without-effect',
    DeletionProtectionEnabled: 'without-effect',
    KmsKeyId: 'without-effect',
    LogGroupClass: 'without-effect',
    LogGroupName: 'used',
    RetentionInDays: 'without-effect',
    Tags: 'without-effect',
  },
  attributes: ['Arn'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
  updates: { replacedBy: ['LogGroupName'], nameProperty: 'LogGroupName' },

  async create(resource, { accountId, region }) {
    const name = resourceName(resource, 'LogGroupName', { maxLength: 512 });
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`;
    return { physicalId: name, arn, attributes: { Arn: arn } };
  },
};
