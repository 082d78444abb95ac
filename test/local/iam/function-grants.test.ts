import { describe, expect, it } from 'vitest';
import { withFunctionGrants } from '../../../local/iam/function-grants.ts';
import { createLogGrants } from '../../../local/iam/log-grants.ts';
import { createPermissions } from '../../../local/iam/permissions.ts';
import { recordingEngines } from '../template/recording-engines.ts';
import { ACCOUNT, QUEUE, REGION, TABLE } from './decide.ts';
import { billingFunction, policy, ROLE_ARN, role } from './resources.ts';

const STREAM = `${TABLE}/stream/2026-11-20T06:00:00.000`;
const BUCKET = 'arn:aws:s3:::failed';

const QUEUE_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const STREAM_ACTIONS = ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'];
const LIST_STREAMS = { Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' };

const allow = (Action: readonly string[] | string, Resource: string) => ({ Effect: 'Allow', Action, Resource });
const less = (actions: readonly string[], left: string) => actions.filter((action) => action !== left);

function setUp(...statements: readonly object[]) {
  const permissions = createPermissions({ log: () => {}, region: REGION, accountId: ACCOUNT });
  for (const [resource, detail] of [role(), policy(...statements), billingFunction()])
    permissions.learn(resource, detail);
  const { engines, calls } = recordingEngines();
  return { permissions, calls, lambda: withFunctionGrants(engines.lambda, permissions) };
}

const configuration = {
  functionName: 'billing-function',
  codeFolder: '/',
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  timeoutSeconds: 3,
  memoryMb: 128,
  environment: {},
  roleArn: ROLE_ARN,
};

describe('a mapping on a queue', () => {
  const create = (...statements: readonly object[]) =>
    setUp(...statements).lambda.createEventSourceMapping({
      functionName: 'billing-function',
      eventSourceArn: QUEUE,
    });

  it('is created when the role may receive and delete messages and read the attributes of the queue', async () => {
    await expect(create(allow(QUEUE_ACTIONS, QUEUE))).resolves.toHaveProperty('uuid');
  });

  it.each(QUEUE_ACTIONS)('is refused without %s', async (action) => {
    await expect(create(allow(less(QUEUE_ACTIONS, action), QUEUE))).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: `The function execution role does not have permissions to call ${action.slice(4)} on SQS`,
    });
  });
});

describe('a mapping on a stream', () => {
  const create = (statements: readonly object[], onFailureDestinationArn?: string) =>
    setUp(...statements).lambda.createEventSourceMapping({
      functionName: 'billing-function',
      eventSourceArn: STREAM,
      onFailureDestinationArn,
    });
  const reading = [allow(STREAM_ACTIONS, STREAM), LIST_STREAMS];

  it('is created when the role may read the stream and list streams', async () => {
    await expect(create(reading)).resolves.toHaveProperty('uuid');
  });

  it.each([...STREAM_ACTIONS, 'dynamodb:ListStreams'])('is refused without %s', async (action) => {
    const statements = [
      allow(less(STREAM_ACTIONS, action), STREAM),
      ...(action === 'dynamodb:ListStreams' ? [] : [LIST_STREAMS]),
    ];

    await expect(create(statements)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringMatching(
        /^Cannot access stream arn:\S+\. Please ensure the role can perform the GetRecords/,
      ),
    });
  });

  it('requires the grants to write to the destination of failed batches', async () => {
    const intoBucket = [allow('s3:PutObject', `${BUCKET}/aws/lambda/*`), allow('s3:ListBucket', BUCKET)];

    await expect(create([...reading, ...intoBucket], BUCKET)).resolves.toHaveProperty('uuid');
    await expect(create([...reading, ...intoBucket.slice(1)], BUCKET)).rejects.toThrow('to call PutObject on S3');
    await expect(create([...reading, ...intoBucket.slice(0, 1)], BUCKET)).rejects.toThrow('to call ListBucket on S3');
    await expect(create([...reading, allow('sqs:SendMessage', QUEUE)], QUEUE)).resolves.toHaveProperty('uuid');
    await expect(create(reading, QUEUE)).rejects.toThrow('to call SendMessage on SQS');
  });
});

describe('a function', () => {
  it('is created with a role that Lambda may assume, or that no template declares', () => {
    const { lambda, calls } = setUp();

    lambda.createFunction(configuration);
    lambda.createFunction({ ...configuration, roleArn: `${ROLE_ARN}-imported` });

    expect(calls).toHaveLength(2);
  });

  it('is refused with any other role', () => {
    const { lambda, permissions } = setUp();
    const Principal = { Service: 'ec2.amazonaws.com' };
    permissions.learn(
      ...role({ trustPolicy: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] } }),
    );

    expect(() => lambda.createFunction(configuration)).toThrow(
      'The role defined for the function cannot be assumed by Lambda.',
    );
  });

  it('checks once whether its role may write logs', () => {
    const logs = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:billing-logs:*`;
    const { permissions } = setUp(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logs));
    const ask = createLogGrants(permissions, { region: REGION, accountId: ACCOUNT });

    ask('billing-function');
    ask('billing-function');
    ask('no-such-function');

    expect(permissions.granted().map(({ request, count }) => [request.action, count])).toStrictEqual([
      ['logs:CreateLogStream', 1],
      ['logs:PutLogEvents', 1],
    ]);
  });

  it('is reported, and still runs, if AWS would drop its log lines', () => {
    const { permissions } = setUp();
    const ask = createLogGrants(permissions, { region: REGION, accountId: ACCOUNT });

    ask('billing-function');

    expect(permissions.refusals()).toMatchObject([{ constructPath: 'Shop/Billing', action: 'logs:CreateLogStream' }]);
  });
});
