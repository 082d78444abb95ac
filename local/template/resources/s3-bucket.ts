import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';
import { callRest } from '../rest-call.ts';

export const s3Bucket: ResourceType = {
  type: 'AWS::S3::Bucket',
  properties: {
    BucketEncryption: 'without-effect',
    BucketName: 'used',
    CorsConfiguration: 'without-effect',
    LifecycleConfiguration: 'without-effect',
    LoggingConfiguration: 'without-effect',
    OwnershipControls: 'without-effect',
    PublicAccessBlockConfiguration: 'without-effect',
    Tags: 'without-effect',
    VersioningConfiguration: 'without-effect',
  },
  attributes: ['Arn', 'DomainName', 'RegionalDomainName'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
  updates: { replacedBy: ['BucketName'], nameProperty: 'BucketName' },

  async create(resource, { engines, region }) {
    const name = resourceName(resource, 'BucketName', { maxLength: 63, lowerCase: true });
    await callRest(engines.s3, 'PUT', `/${name}`);
    const arn = `arn:aws:s3:::${name}`;
    return {
      physicalId: name,
      arn,
      attributes: {
        Arn: arn,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      },
    };
  },

  async delete({ made }, { engines }) {
    await callRest(engines.s3, 'DELETE', `/${made.physicalId}`);
  },
};
