import type { JsonObject } from '../../endpoint/service.ts';
import { objectAt } from '../json.ts';
import { objectList, optionalText, requiredText, textList } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

export const iamRole: ResourceType = {
  type: 'AWS::IAM::Role',
  properties: {
    AssumeRolePolicyDocument: 'used',
    Description: 'without-effect',
    ManagedPolicyArns: 'used',
    MaxSessionDuration: 'without-effect',
    Path: 'used',
    Policies: { PolicyDocument: 'used', PolicyName: 'used' },
    RoleName: 'used',
    Tags: 'used',
  },
  attributes: ['Arn', 'RoleId'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
  updates: { replacedBy: ['Path', 'RoleName'], nameProperty: 'RoleName' },

  async create(resource, { accountId }) {
    const { properties } = resource;
    const roleName = resourceName(resource, 'RoleName', { maxLength: 64 });
    const arn = `arn:aws:iam::${accountId}:role${optionalText(properties, 'Path') ?? '/'}${roleName}`;
    return {
      physicalId: roleName,
      arn,
      attributes: { Arn: arn, RoleId: `AROA${resource.physicalUuid().replaceAll('-', '').slice(0, 17).toUpperCase()}` },
      detail: {
        kind: 'role',
        roleName,
        trustPolicy: objectAt(properties, 'AssumeRolePolicyDocument'),
        inlinePolicies: objectList(properties, 'Policies').map((policy) => ({
          name: requiredText(policy, 'PolicyName'),
          document: objectAt(policy, 'PolicyDocument'),
        })),
        managedPolicyArns: textList(properties, 'ManagedPolicyArns'),
        tags: Object.fromEntries(
          objectList(properties, 'Tags').map((tag) => [requiredText(tag, 'Key'), optionalText(tag, 'Value') ?? '']),
        ),
      },
    };
  },
};

export const iamPolicy: ResourceType = {
  type: 'AWS::IAM::Policy',
  properties: { PolicyDocument: 'used', PolicyName: 'used', Roles: 'used' },
  attributes: ['Id'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
  updates: { replacedBy: [] },

  async create(resource) {
    const { properties } = resource;
    const name = requiredText(properties, 'PolicyName');
    return { physicalId: name, attributes: { Id: name }, detail: { kind: 'policy', name, ...attachment(properties) } };
  },
};

export const iamManagedPolicy: ResourceType = {
  type: 'AWS::IAM::ManagedPolicy',
  properties: {
    Description: 'without-effect',
    ManagedPolicyName: 'used',
    Path: 'used',
    PolicyDocument: 'used',
    Roles: 'used',
  },
  attributes: ['PolicyArn'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
  updates: { replacedBy: ['Description', 'ManagedPolicyName', 'Path'], nameProperty: 'ManagedPolicyName' },

  async create(resource, { accountId }) {
    const { properties } = resource;
    const name = resourceName(resource, 'ManagedPolicyName', { maxLength: 128 });
    const arn = `arn:aws:iam::${accountId}:policy${optionalText(properties, 'Path') ?? '/'}${name}`;
    return {
      physicalId: arn,
      arn,
      attributes: { PolicyArn: arn },
      detail: { kind: 'policy', name, ...attachment(properties) },
    };
  },
};

const attachment = (properties: JsonObject) => ({
  document: objectAt(properties, 'PolicyDocument'),
  roleNames: textList(properties, 'Roles'),
});
