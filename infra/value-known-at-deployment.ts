import { Stack } from 'aws-cdk-lib';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { asRecord } from './constructs/rendered.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';

/** Stands in for a value that only the deployment knows: it has the same form, and belongs to no account. */
export function valueKnownAtDeployment(scope: IConstruct, value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[call, argument] = ['', undefined]] = Object.entries(asRecord(value));
  switch (call) {
    case 'Ref':
      return valueOfRef(scope, String(argument));
    case 'Fn::GetAtt': {
      const [resource, attribute] = textsOf(argument);
      return attribute?.endsWith('Arn')
        ? `arn:aws:service:${REGION}:${ACCOUNT}:${resource}`
        : `${resource}-${attribute}`;
    }
    case 'Fn::Join': {
      const [separator, parts] = Array.isArray(argument) ? argument : [];
      return (Array.isArray(parts) ? parts : [])
        .map((part) => valueKnownAtDeployment(scope, part))
        .join(String(separator));
    }
    case 'Fn::GetStackOutput':
      return valueOfOutput(String(asRecord(argument)['OutputName']));
    default:
      return 'known-at-deployment';
  }
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

function valueOfRef(scope: IConstruct, logicalId: string): string {
  const pseudo = PSEUDO_PARAMETERS[logicalId];
  if (pseudo !== undefined) return pseudo;
  const isQueue = Stack.of(scope)
    .node.findAll()
    .some((each) => each instanceof CfnQueue && Stack.of(each).resolve(each.logicalId) === logicalId);
  return isQueue ? `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${logicalId}` : logicalId;
}

/** CDK names the output after the attribute: `PublishOutputFnGetAtt<resource>Arn<hash>`. */
const valueOfOutput = (name: string): string =>
  /Arn[0-9A-F]{8}$/.test(name) ? `arn:aws:service:${REGION}:${ACCOUNT}:${name}` : name;

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
