import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../local/clock.ts';
import { checkAssembly, deploy } from '../../../../local/template/deploy.ts';
import { resourceTypes } from '../../../../local/template/resources/index.ts';
import { createUpdates } from '../../../../local/template/update.ts';
import { recordingEngines } from '../recording-engines.ts';
import { stacksOf } from '../stacks-of.ts';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };
const CODE = new Map([['code.zip', import.meta.dirname]]);

interface Case {
  readonly type: string;
  readonly properties: object;
  /** Changes in place. */
  readonly changed: object;
  /** What the engines are asked to do for that; nothing where the change has no effect on a laptop. */
  readonly updates: readonly string[];
  /** What the engines are asked to do when it leaves. */
  readonly deletes: readonly string[];
  /** Makes another resource of it. @default none does */
  readonly replacing?: object;
}

const DOCUMENT = { Version: '2012-10-17', Statement: [] };
const TRUST = { AssumeRolePolicyDocument: DOCUMENT };
const FUNCTION = {
  Code: { S3Bucket: 'b', S3Key: 'code.zip' },
  Handler: 'index.handler',
  Role: 'role',
  Runtime: 'nodejs24.x',
};
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:queue';
const TARGET = { Id: 'a', Arn: QUEUE_ARN };
const SCHEDULE = {
  FlexibleTimeWindow: { Mode: 'OFF' },
  ScheduleExpression: 'rate(1 day)',
  Target: { Arn: QUEUE_ARN, RoleArn: 'role' },
};
const TABLE = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};
const OTHER_KEY = {
  KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'orderId', AttributeType: 'S' }],
};
const ON = { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } };
const LOOKED_AT = ['DescribeTable', 'DescribeTable', 'DescribeTimeToLive', 'UpdateTimeToLive', 'DescribeTable'];
const JWT = { Audience: ['shop'], Issuer: 'https://issuer' };

const CASES: readonly Case[] = [
  {
    type: 'AWS::ApiGatewayV2::Api',
    properties: { Name: 'api', ProtocolType: 'HTTP' },
    changed: { CorsConfiguration: { AllowOrigins: ['*'] } },
    updates: ['updateApi'],
    deletes: ['deleteApi'],
  },
  {
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { ApiId: 'api', AuthorizerType: 'JWT', IdentitySource: ['$request.header.A'], JwtConfiguration: JWT },
    changed: { JwtConfiguration: { ...JWT, Audience: ['other'] } },
    updates: ['putAuthorizer'],
    deletes: ['deleteAuthorizer'],
    replacing: { ApiId: 'other' },
  },
  {
    type: 'AWS::ApiGatewayV2::Deployment',
    properties: { ApiId: 'api' },
    changed: { Description: 'other' },
    updates: [],
    deletes: [],
    replacing: { ApiId: 'other' },
  },
  {
    type: 'AWS::ApiGatewayV2::Integration',
    properties: { ApiId: 'api', IntegrationType: 'AWS_PROXY', IntegrationUri: 'arn', PayloadFormatVersion: '2.0' },
    changed: { TimeoutInMillis: 100 },
    updates: ['putIntegration'],
    deletes: ['deleteIntegration'],
    replacing: { ApiId: 'other' },
  },
  {
    type: 'AWS::ApiGatewayV2::Route',
    properties: { ApiId: 'api', RouteKey: 'GET /a', Target: 'integrations/i' },
    changed: { RouteKey: 'GET /b' },
    updates: ['putRoute'],
    deletes: ['deleteRoute'],
    replacing: { ApiId: 'other' },
  },
  {
    type: 'AWS::ApiGatewayV2::Stage',
    properties: { ApiId: 'api', StageName: '$default' },
    changed: { StageVariables: { color: 'blue' } },
    updates: ['putStage'],
    deletes: ['deleteStage'],
    replacing: { StageName: 'other' },
  },
  { type: 'AWS::CDK::Metadata', properties: { Analytics: 'a' }, changed: { Analytics: 'b' }, updates: [], deletes: [] },
  {
    type: 'AWS::CloudWatch::Alarm',
    properties: { MetricName: 'a', Namespace: 'n' },
    changed: { MetricName: 'b' },
    updates: [],
    deletes: [],
    replacing: { AlarmName: 'other' },
  },
  {
    type: 'AWS::CloudWatch::Dashboard',
    properties: { DashboardBody: 'a' },
    changed: { DashboardBody: 'b' },
    updates: [],
    deletes: [],
    replacing: { DashboardName: 'other' },
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    properties: { ...TABLE, Replicas: [{ Region: 'us-east-1' }] },
    changed: ON,
    updates: LOOKED_AT,
    deletes: ['DeleteTable'],
    replacing: OTHER_KEY,
  },
  {
    type: 'AWS::DynamoDB::Table',
    properties: TABLE,
    changed: ON,
    updates: LOOKED_AT,
    deletes: ['DeleteTable'],
    replacing: OTHER_KEY,
  },
  {
    type: 'AWS::Events::Archive',
    properties: { SourceArn: 'arn' },
    changed: { RetentionDays: 7 },
    updates: ['UpdateArchive'],
    deletes: ['DeleteArchive'],
    replacing: { SourceArn: 'other' },
  },
  {
    type: 'AWS::Events::EventBus',
    properties: { Name: 'bus' },
    changed: { Description: 'other' },
    updates: [],
    deletes: ['DeleteEventBus'],
    replacing: { Name: 'other' },
  },
  {
    type: 'AWS::Events::EventBusPolicy',
    properties: { StatementId: 'a', Statement: { Effect: 'Allow' } },
    changed: { Statement: { Effect: 'Deny' } },
    updates: [],
    deletes: [],
    replacing: { StatementId: 'b' },
  },
  {
    type: 'AWS::Events::Rule',
    properties: { EventPattern: { source: ['a'] }, Targets: [TARGET] },
    changed: { EventPattern: { source: ['b'] }, Targets: [{ ...TARGET, Id: 'b' }] },
    updates: ['PutRule', 'RemoveTargets', 'PutTargets'],
    deletes: ['RemoveTargets', 'DeleteRule'],
    replacing: { EventBusName: 'other' },
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    properties: { PolicyDocument: DOCUMENT },
    changed: { Roles: ['role'] },
    updates: [],
    deletes: [],
    replacing: { Path: '/other/' },
  },
  {
    type: 'AWS::IAM::Policy',
    properties: { PolicyDocument: DOCUMENT, PolicyName: 'p' },
    changed: { Roles: ['role'] },
    updates: [],
    deletes: [],
  },
  {
    type: 'AWS::IAM::Role',
    properties: TRUST,
    changed: { ManagedPolicyArns: ['arn'] },
    updates: [],
    deletes: [],
    replacing: { Path: '/other/' },
  },
  { type: 'AWS::KMS::Key', properties: {}, changed: { Description: 'other' }, updates: [], deletes: [] },
  {
    type: 'AWS::Lambda::Alias',
    properties: { FunctionName: 'f', FunctionVersion: '1', Name: 'live' },
    changed: { FunctionVersion: '2' },
    updates: ['updateAlias'],
    deletes: ['deleteAlias'],
    replacing: { Name: 'other' },
  },
  {
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { FunctionName: 'f', Qualifier: '$LATEST' },
    changed: { MaximumRetryAttempts: 1 },
    updates: ['configureAsync'],
    deletes: ['removeAsync'],
    replacing: { Qualifier: 'live' },
  },
  {
    type: 'AWS::Lambda::EventSourceMapping',
    properties: { EventSourceArn: QUEUE_ARN, FunctionName: 'f' },
    changed: { BatchSize: 1, FunctionName: 'g' },
    updates: ['updateEventSourceMapping'],
    deletes: ['deleteEventSourceMapping'],
    replacing: { EventSourceArn: `${QUEUE_ARN}-2` },
  },
  {
    type: 'AWS::Lambda::Function',
    properties: FUNCTION,
    changed: { Role: 'other', ReservedConcurrentExecutions: 2 },
    updates: ['updateFunction'],
    deletes: ['deleteFunction'],
    replacing: { FunctionName: 'other' },
  },
  {
    type: 'AWS::Lambda::Permission',
    properties: { Action: 'lambda:InvokeFunction', FunctionName: 'f', Principal: 'events.amazonaws.com' },
    changed: {},
    updates: [],
    deletes: [],
    replacing: { SourceArn: 'arn' },
  },
  {
    type: 'AWS::Lambda::Version',
    properties: { FunctionName: 'f' },
    changed: {},
    updates: [],
    deletes: ['deleteVersion'],
    replacing: { CodeSha256: 'other' },
  },
  {
    type: 'AWS::Logs::LogGroup',
    properties: {},
    changed: { RetentionInDays: 7 },
    updates: [],
    deletes: [],
    replacing: { LogGroupName: 'other' },
  },
  {
    type: 'AWS::S3::Bucket',
    properties: { BucketName: 'bucket' },
    changed: { Tags: [] },
    updates: [],
    deletes: ['DELETE s3:/bucket'],
    replacing: { BucketName: 'other' },
  },
  {
    type: 'AWS::S3::BucketPolicy',
    properties: { Bucket: 'bucket', PolicyDocument: DOCUMENT },
    changed: { PolicyDocument: { ...DOCUMENT, Id: 'other' } },
    updates: [],
    deletes: [],
    replacing: { Bucket: 'other' },
  },
  {
    type: 'AWS::SNS::Topic',
    properties: {},
    changed: { DisplayName: 'other' },
    updates: [],
    deletes: [],
    replacing: { TopicName: 'other' },
  },
  {
    type: 'AWS::SQS::Queue',
    properties: { VisibilityTimeout: 30 },
    changed: { VisibilityTimeout: 60 },
    updates: ['SetQueueAttributes'],
    deletes: ['DeleteQueue'],
    replacing: { FifoQueue: true },
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    properties: { PolicyDocument: DOCUMENT, Queues: ['a'] },
    changed: { Queues: ['b'] },
    updates: [],
    deletes: [],
  },
  {
    type: 'AWS::SSM::Parameter',
    properties: { Name: '/a', Type: 'String', Value: 'x' },
    changed: { Value: 'y', Tags: { team: 'z' } },
    updates: ['PutParameter', 'RemoveTagsFromResource', 'AddTagsToResource'],
    deletes: ['DeleteParameter'],
    replacing: { Name: '/b' },
  },
  {
    type: 'AWS::Scheduler::Schedule',
    properties: { ...SCHEDULE, Name: 'tick' },
    changed: { ScheduleExpression: 'rate(2 days)' },
    updates: ['PUT scheduler:/schedules/tick'],
    deletes: ['DELETE scheduler:/schedules/tick'],
    replacing: { Name: 'other' },
  },
  {
    type: 'AWS::Scheduler::ScheduleGroup',
    properties: { Name: 'timers' },
    changed: { Tags: [] },
    updates: [],
    deletes: ['DELETE scheduler:/schedule-groups/timers'],
    replacing: { Name: 'other' },
  },
  {
    type: 'AWS::SecretsManager::Secret',
    properties: { Name: 'carrier', SecretString: '{"current":"a"}' },
    changed: { SecretString: '{"current":"b"}' },
    updates: ['UpdateSecret'],
    deletes: ['DeleteSecret'],
    replacing: { Name: 'other' },
  },
];

async function running(type: string, properties: object) {
  const { engines, calls } = recordingEngines();
  const assemblyOf = (Resources: object) => checkAssembly(stacksOf({ Hub: { Resources } }, CODE), PLACE);
  const of = (Properties: object) => assemblyOf({ It: { Type: type, Properties } });
  const live = await deploy(of(properties), engines);
  const updates = createUpdates(live, { clock: createMovableClock(() => 0), signal: new AbortController().signal });
  calls.length = 0;
  return {
    operations: () => calls.splice(0).map(({ operation }) => operation),
    to: async (Properties: object) => updates.update(of(Properties)),
    away: async () => updates.update(assemblyOf({})),
  };
}

describe('every type of resource that the run knows', () => {
  it('is tested here', () => {
    expect(CASES.map(({ type }) => type)).toEqual([...resourceTypes.keys()].toSorted());
  });

  it.each(CASES)('$type is updated in place, and deleted', async ({ type, properties, changed, updates, deletes }) => {
    const { operations, to, away } = await running(type, properties);

    const { replaced } = await to({ ...properties, ...changed });
    expect(replaced).toEqual([]);
    expect(operations()).toEqual(updates);

    expect((await away()).deleted).toEqual(['Hub/It']);
    expect(operations()).toEqual(deletes);
  });

  it.each(CASES.filter(({ replacing }) => replacing !== undefined))(
    '$type is replaced, and the new one is created before the old one is deleted',
    async ({ type, properties, replacing, deletes }) => {
      const { operations, to } = await running(type, properties);

      expect(await to({ ...properties, ...replacing })).toMatchObject({ replaced: ['Hub/It'], deleted: ['Hub/It'] });
      const done = operations();
      expect(done.slice(done.length - deletes.length)).toEqual(deletes);
      if (deletes.length > 0) expect(done.length).toBeGreaterThan(deletes.length);
    },
  );
});
