import type { JsonObject } from '../../../local/endpoint/service.ts';
import type { DeployedResource, ResourceDetail } from '../../../local/template/deployment.ts';
import { ACCOUNT, REGION } from './decide.ts';

type Created = readonly [DeployedResource, ResourceDetail | undefined];

export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/billing`;

const deployed = (type: string, constructPath: string, arn: string | undefined): DeployedResource => ({
  stackName: 'Shop',
  logicalId: constructPath.replace(/\W/g, ''),
  type,
  physicalId: constructPath,
  arn,
  constructPath,
});

const LAMBDA_MAY_ASSUME = {
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
};

interface RoleProps {
  readonly managedPolicyArns?: readonly string[];
  readonly inline?: readonly object[];
  readonly trustPolicy?: JsonObject;
}

/** The role `billing`. */
export const role = ({
  managedPolicyArns = [],
  inline = [],
  trustPolicy = LAMBDA_MAY_ASSUME,
}: RoleProps = {}): Created => [
  deployed('AWS::IAM::Role', 'Shop/Billing/Role/Resource', ROLE_ARN),
  {
    kind: 'role',
    roleName: 'billing',
    trustPolicy,
    managedPolicyArns,
    inlinePolicies: inline.length === 0 ? [] : [{ name: 'Inline', document: { Statement: inline } }],
  },
];

/** A policy of these statements, attached to the role `billing`. */
export const policy = (...Statement: readonly object[]): Created => [
  deployed('AWS::IAM::Policy', 'Shop/Billing/Role/DefaultPolicy/Resource', undefined),
  { kind: 'policy', name: 'DefaultPolicy', roleNames: ['billing'], document: { Statement } },
];

/** The function `billing-function`, which runs under the role. */
export const billingFunction = (roleArn = ROLE_ARN): Created => [
  deployed(
    'AWS::Lambda::Function',
    'Shop/Billing/Resource',
    `arn:aws:lambda:${REGION}:${ACCOUNT}:function:billing-function`,
  ),
  { kind: 'function', functionName: 'billing-function', roleArn, codeFolder: '/', logGroupName: 'billing-logs' },
];

export const resourcePolicy = (resource: string, ...Statement: readonly object[]): Created => [
  deployed('AWS::SQS::QueuePolicy', 'Shop/Queue/Policy/Resource', undefined),
  { kind: 'resource-policy', resources: [resource], document: { Statement } },
];

export const other = (type: string, constructPath: string, arn: string): Created => [
  deployed(type, constructPath, arn),
  undefined,
];
