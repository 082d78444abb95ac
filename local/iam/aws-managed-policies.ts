import type { PolicyDocument } from './policy.ts';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html */
const ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['service-role/AWSLambdaBasicExecutionRole', LOGS],
  [
    'service-role/AWSLambdaDynamoDBExecutionRole',
    ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams', ...LOGS],
  ],
  [
    'service-role/AWSLambdaSQSQueueExecutionRole',
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...LOGS],
  ],
  ['AWSXRayDaemonWriteAccess', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords']],
]);

/** One of the policies of AWS itself that functions commonly have; undefined for any other. */
export function awsManagedPolicy(arn: string): PolicyDocument | undefined {
  const name = arn.replace(/^arn:[^:]+:iam::aws:policy\//, '');
  const actions = ACTIONS.get(name);
  if (actions === undefined) return undefined;
  return { name, document: { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] } };
}

export const awsManagedPolicyNames = (): readonly string[] => [...ACTIONS.keys()];
