import type { ResourceType } from '../resource-type.ts';

/** An id to refer to: nothing is encrypted on a laptop. */
export const kmsKey: ResourceType = {
  type: 'AWS::KMS::Key',
  properties: {
    Description: 'without-effect',
    EnableKeyRotation: 'without-effect',
    Enabled: 'without-effect',
    KeyPolicy: 'without-effect',
    KeySpec: 'without-effect',
    KeyUsage: 'without-effect',
    PendingWindowInDays: 'without-effect',
    RotationPeriodInDays: 'without-effect',
    Tags: 'without-effect',
  },
  attributes: ['Arn', 'KeyId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
  updates: { replacedBy: [] },

  async create(resource, { accountId, region }) {
    const keyId = resource.physicalUuid();
    const arn = `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
    return { physicalId: keyId, arn, attributes: { Arn: arn, KeyId: keyId } };
  },
};
