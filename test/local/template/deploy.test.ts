import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { checkAssembly, deploy } from '../../../local/template/deploy.ts';
import { recordingEngines } from './recording-engines.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

async function deployed(
  templates: Parameters<typeof stacksOf>[0],
  answers: Readonly<Record<string, object>> = {},
  assetPaths = new Map<string, string>(),
) {
  const { engines, calls } = recordingEngines(answers);
  const live = await deploy(checkAssembly(stacksOf(templates, assetPaths), ENVIRONMENT), engines);
  const deployment = live.describe();
  return { deployment, calls };
}

const outputs = (value: unknown) => ({ Outputs: { Out: { Value: value } } });
const of = (Type: string, Properties: object = {}, more: object = {}) => ({ Type, Properties, ...more });

describe('deploy', () => {
  it('makes a FIFO queue with its attributes as text, after its dead-letter queue', async () => {
    const { deployment, calls } = await deployed(
      {
        Shop: {
          Resources: {
            Queue: of('AWS::SQS::Queue', {
              FifoQueue: true,
              VisibilityTimeout: 180,
              ContentBasedDeduplication: true,
              RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
            }),
            Dead: of('AWS::SQS::Queue', { FifoQueue: true, QueueName: 'dead.fifo' }),
          },
        },
      },
      { CreateQueue: { QueueUrl: 'http://127.0.0.1:4566/000000000000/q' } },
    );

    expect(calls).toEqual([
      { operation: 'CreateQueue', input: { QueueName: 'dead.fifo', Attributes: { FifoQueue: 'true' } } },
      {
        operation: 'CreateQueue',
        input: {
          QueueName: expect.stringMatching(/^Shop-Queue-[A-Za-z0-9]{12}\.fifo$/),
          Attributes: {
            FifoQueue: 'true',
            VisibilityTimeout: '180',
            ContentBasedDeduplication: 'true',
            RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":5}',
          },
        },
      },
    ]);
    expect(deployment.queues).toMatchObject([
      { logicalId: 'Dead', fifo: true, deadLetterQueueArn: undefined, url: 'http://127.0.0.1:4566/000000000000/q' },
      {
        logicalId: 'Queue',
        deadLetterQueueArn: 'arn:aws:sqs:us-east-1:000000000000:dead.fifo',
        maxReceiveCount: 5,
        constructPath: 'Shop/Queue',
      },
    ]);
  });

  it('creates a table with indexes, stream and time to live, with any capacity', async () => {
    const { deployment, calls } = await deployed(
      {
        Hub: {
          Resources: {
            Outbox: of('AWS::DynamoDB::Table', {
              TableName: 'outbox',
              AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
              KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
              ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
              StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
              TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
              GlobalSecondaryIndexes: [
                {
                  IndexName: 'waiting',
                  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
                  Projection: { ProjectionType: 'ALL' },
                  ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
                },
              ],
            }),
          },
          ...outputs({ 'Fn::GetAtt': ['Outbox', 'StreamArn'] }),
        },
      },
      { CreateTable: { TableDescription: { TableArn: 'arn:table', LatestStreamArn: 'arn:stream' } } },
    );

    expect(calls).toEqual([
      {
        operation: 'CreateTable',
        input: {
          TableName: 'outbox',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
          GlobalSecondaryIndexes: [
            {
              IndexName: 'waiting',
              KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
        },
      },
      {
        operation: 'UpdateTimeToLive',
        input: { TableName: 'outbox', TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } },
      },
    ]);
    expect(deployment.tables).toMatchObject([
      { arn: 'arn:table', streamArn: 'arn:stream', timeToLiveAttribute: 'expires' },
    ]);
    expect(deployment.outputs.get('Hub')?.get('Out')).toBe('arn:stream');
  });

  it('makes a rule with its targets on its bus', async () => {
    const { deployment, calls } = await deployed(
      {
        Hub: {
          Resources: {
            Rule: of('AWS::Events::Rule', {
              Name: 'billing',
              EventBusName: { Ref: 'Bus' },
              EventPattern: { 'detail-type': ['x'] },
              Targets: [
                {
                  Id: 'Target0',
                  Arn: 'arn:aws:sqs:us-east-1:000000000000:q.fifo',
                  InputPath: '$.detail',
                  SqsParameters: { MessageGroupId: '$.detail.partitionkey' },
                  DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:undeliverable' },
                  RetryPolicy: { MaximumRetryAttempts: '3' },
                },
              ],
            }),
            Bus: of('AWS::Events::EventBus', { Name: 'bus' }),
          },
          ...outputs({ Ref: 'Rule' }),
        },
      },
      { PutRule: { RuleArn: 'arn:rule' } },
    );

    expect(calls.map(({ operation }) => operation)).toEqual(['CreateEventBus', 'PutRule', 'PutTargets']);
    expect(calls[1]?.input).toEqual({
      Name: 'billing',
      EventBusName: 'bus',
      State: 'ENABLED',
      EventPattern: '{"detail-type":["x"]}',
    });
    expect(calls[2]?.input).toMatchObject({
      Rule: 'billing',
      EventBusName: 'bus',
      Targets: [{ Id: 'Target0', RetryPolicy: { MaximumRetryAttempts: 3 } }],
    });
    expect(deployment.rules).toMatchObject([
      {
        arn: 'arn:rule',
        busName: 'bus',
        enabled: true,
        eventPattern: { 'detail-type': ['x'] },
        targets: [
          {
            id: 'Target0',
            arn: 'arn:aws:sqs:us-east-1:000000000000:q.fifo',
            deadLetterQueueArn: 'arn:aws:sqs:us-east-1:000000000000:undeliverable',
          },
        ],
      },
    ]);
    expect(deployment.outputs.get('Hub')?.get('Out')).toBe('bus|billing');
  });

  it('fails if a target of a rule is refused', async () => {
    const Rule = of('AWS::Events::Rule', { Targets: [{ Id: 'Target0', Arn: 'arn' }] });
    const FailedEntries = [{ TargetId: 'Target0', ErrorCode: 'ValidationException', ErrorMessage: 'no such target' }];

    await expect(deployed({ Hub: { Resources: { Rule } } }, { PutTargets: { FailedEntries } })).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: "Hub/Rule (AWS::Events::Rule): Error: target 'Target0': ValidationException: no such target",
    });
  });

  it('gives a function and its mapping their settings', async () => {
    const { deployment, calls } = await deployed(
      {
        Hub: {
          Resources: {
            Mapping: of('AWS::Lambda::EventSourceMapping', {
              FunctionName: { 'Fn::GetAtt': ['Relay', 'Arn'] },
              EventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/outbox/stream/1',
              BatchSize: 100,
              StartingPosition: 'TRIM_HORIZON',
              FunctionResponseTypes: ['ReportBatchItemFailures'],
              FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
              DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed' } },
            }),
            Relay: of('AWS::Lambda::Function', {
              FunctionName: 'relay',
              Code: { S3Bucket: 'assets', S3Key: 'relay.zip' },
              Handler: 'index.handler',
              Runtime: 'nodejs24.x',
              Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
              Environment: { Variables: { REGION: { Ref: 'AWS::Region' }, LIMIT: 5 } },
              ReservedConcurrentExecutions: 3,
            }),
            Role: of('AWS::IAM::Role', { RoleName: 'relay-role' }),
          },
        },
      },
      {},
      new Map([['relay.zip', import.meta.dirname]]),
    );

    expect(calls).toEqual([
      {
        operation: 'createFunction',
        input: {
          functionName: 'relay',
          codeFolder: import.meta.dirname,
          handler: 'index.handler',
          runtime: 'nodejs24.x',
          timeoutSeconds: 3,
          memoryMb: 128,
          environment: { REGION: 'us-east-1', LIMIT: '5' },
          roleArn: 'arn:aws:iam::000000000000:role/relay-role',
          logGroup: '/aws/lambda/relay',
          reservedConcurrency: 3,
        },
      },
      {
        operation: 'createEventSourceMapping',
        input: {
          functionName: 'relay',
          eventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/outbox/stream/1',
          enabled: true,
          batchSize: 100,
          startingPosition: 'TRIM_HORIZON',
          reportBatchItemFailures: true,
          filterPatterns: ['{"eventName":["INSERT"]}'],
          onFailureDestinationArn: 'arn:aws:s3:::failed',
        },
      },
    ]);
    expect(deployment.mappings).toMatchObject([
      {
        physicalId: '11111111-2222-4333-8444-555555555555',
        functionName: 'relay',
        onFailureArn: 'arn:aws:s3:::failed',
      },
    ]);
  });

  it('creates a role with every policy that is attached to it', async () => {
    const document = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action }] });
    const { deployment } = await deployed({
      Hub: {
        Resources: {
          Attached: of('AWS::IAM::Policy', {
            PolicyName: 'b',
            PolicyDocument: document('b'),
            Roles: [{ Ref: 'Role' }],
          }),
          Managed: of('AWS::IAM::ManagedPolicy', { ManagedPolicyName: 'c', PolicyDocument: document('c') }),
          Elsewhere: of('AWS::IAM::Policy', { PolicyName: 'd', PolicyDocument: document('d'), Roles: ['other'] }),
          Role: of('AWS::IAM::Role', {
            Policies: [{ PolicyName: 'a', PolicyDocument: document('a') }],
            ManagedPolicyArns: [{ Ref: 'Managed' }],
          }),
        },
      },
    });

    expect(deployment.roles[0]?.policies).toEqual([
      { name: 'a', document: document('a') },
      { name: 'c', document: document('c') },
      { name: 'b', document: document('b') },
    ]);
  });

  it('keeps who may invoke a function as the statement that Lambda makes of it', async () => {
    const { deployment } = await deployed({
      Hub: {
        Resources: {
          Permission: of('AWS::Lambda::Permission', {
            Action: 'lambda:InvokeFunction',
            FunctionName: 'sweeper',
            Principal: 'events.amazonaws.com',
            SourceArn: 'arn:rule',
          }),
        },
      },
    });

    expect(deployment.resourcePolicies).toMatchObject([
      {
        resources: ['arn:aws:lambda:us-east-1:000000000000:function:sweeper'],
        document: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'lambda:InvokeFunction',
              Resource: 'arn:aws:lambda:us-east-1:000000000000:function:sweeper',
              Condition: { ArnLike: { 'AWS:SourceArn': 'arn:rule' } },
            },
          ],
        },
      },
    ]);
  });

  it.each([
    ['an export', { 'Fn::ImportValue': 'Hub:Bus' }],
    ['an output', { 'Fn::GetStackOutput': { StackName: 'Hub', OutputName: 'Bus', Region: { Ref: 'AWS::Region' } } }],
  ])('carries a name from one stack to the next through %s', async (_, reference) => {
    const { deployment } = await deployed({
      Hub: {
        Resources: { Bus: of('AWS::Events::EventBus', { Name: 'hub-bus' }) },
        Outputs: { Bus: { Value: { Ref: 'Bus' }, Export: { Name: 'Hub:Bus' } } },
      },
      Shop: outputs(reference),
    });

    expect(deployment.outputs.get('Shop')).toEqual(new Map([['Out', 'hub-bus']]));
  });

  it('names the resource that an engine refused, with the reason', async () => {
    const { engines } = recordingEngines();
    const refusing = {
      ...engines,
      sqs: {
        ...engines.sqs,
        handle: async () => {
          throw new AwsError('InvalidAttributeValue', 'Invalid value for the parameter VisibilityTimeout.');
        },
      },
    };
    const assembly = checkAssembly(stacksOf({ Shop: { Resources: { Queue: of('AWS::SQS::Queue') } } }), ENVIRONMENT);

    await expect(deploy(assembly, refusing)).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      stackName: 'Shop',
      logicalId: 'Queue',
      message:
        'Shop/Queue (AWS::SQS::Queue): InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.',
    });
  });

  it.each([
    ['AWS::Logs::LogGroup', { LogGroupName: 'logs' }, 'Arn', 'arn:aws:logs:us-east-1:000000000000:log-group:logs:*'],
    ['AWS::S3::Bucket', { BucketName: 'failed' }, 'Arn', 'arn:aws:s3:::failed'],
    ['AWS::SNS::Topic', { TopicName: 'alarms' }, 'TopicArn', 'arn:aws:sns:us-east-1:000000000000:alarms'],
    ['AWS::CloudWatch::Alarm', { AlarmName: 'dead' }, 'Arn', 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:dead'],
    ['AWS::IAM::Role', { RoleName: 'r', Path: '/x/' }, 'Arn', 'arn:aws:iam::000000000000:role/x/r'],
    ['AWS::SQS::Queue', { QueueName: 'q' }, 'Arn', 'arn:aws:sqs:us-east-1:000000000000:q'],
  ])('gives %s its ARN', async (type, properties, attribute, arn) => {
    const { deployment } = await deployed({
      Hub: { Resources: { It: of(type, properties) }, ...outputs({ 'Fn::GetAtt': ['It', attribute] }) },
    });

    expect(deployment.outputs.get('Hub')?.get('Out')).toBe(arn);
    expect(deployment.resources).toMatchObject([{ type, arn }]);
  });
});
