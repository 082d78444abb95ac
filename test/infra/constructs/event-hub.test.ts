import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { createHub, createStack, ENTRY, OrderPlaced, SETTINGS_PARAMETER, settingsWith } from '../test-stack.ts';

const synthesize = (props: Parameters<typeof createHub>[1] = {}): Template => {
  const stack = createStack();
  createHub(stack, props);
  return Template.fromStack(stack);
};

const relayStatements = (template: Template): readonly unknown[] => {
  const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
  return policy?.Properties.PolicyDocument.Statement;
};

describe('EventHub', () => {
  it('keeps the log under group and sequence, streams new images and lets events expire', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'partitionkey', KeyType: 'HASH' },
        { AttributeName: 'sequence', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('keeps pending markers without a stream and without expiry', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'partitionkey', KeyType: 'HASH' },
        { AttributeName: 'sequence', KeyType: 'RANGE' },
      ],
      StreamSpecification: Match.absent(),
      TimeToLiveSpecification: Match.absent(),
    });
  });

  it('lets inbox records expire', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
  });

  it('archives what came from the outbox for as long as the settings say', () => {
    const template = synthesize({ settings: settingsWith({ archiveRetentionDays: 11 }) });

    template.hasResourceProperties('AWS::Events::Archive', {
      EventPattern: { detail: { partitionkey: [{ exists: true }] } },
      RetentionDays: 11,
    });
  });

  it('relays inserted events only', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["EVENT"]}}}}' }],
      },
    });
  });

  it('misses nothing that is committed while the relay is deployed', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { StartingPosition: 'TRIM_HORIZON' });
  });

  it('passes poison by: batches are bisected, attempts end, the rest of a batch is done', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 30,
    });
  });

  it('sets whole records aside before the stream forgets them', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      MaximumRecordAgeInSeconds: 82_800,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('FailedRecords'), 'Arn'] } },
      },
    });
  });

  it('keeps records that were set aside private, encrypted, behind TLS, and as long as the log', () => {
    const template = synthesize({ settings: settingsWith({ outboxRetentionDays: 21 }) });

    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 21, Status: 'Enabled' }] },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });

  it('calls the relay at once unless a batching window is asked for', () => {
    const atOnce = synthesize();
    const gathering = synthesize({ relayBatchingWindow: Duration.seconds(2) });

    atOnce.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 0 });
    gathering.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 2 });
  });

  it('tells the relay its bus and its markers', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'relay',
          WAYBILL_BUS_NAME: { Ref: Match.stringLikeRegexp('^HubBus') },
          WAYBILL_PENDING_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubPending') },
        },
      },
    });
  });

  it('gives the relay nothing but its log, bus, markers, stream and bucket', () => {
    const statements = relayStatements(synthesize());

    const attribute = (id: string, name = 'Arn') => ({ 'Fn::GetAtt': [expect.stringMatching(id), name] });
    const allow = (action: unknown, resource: unknown) => ({ Effect: 'Allow', Action: action, Resource: resource });
    expect(statements).toEqual([
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], attribute('^HubRelayFunctionLogs')),
      allow('ssm:GetParameter', SETTINGS_PARAMETER),
      allow('events:PutEvents', attribute('^HubBus')),
      allow(['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'], attribute('^HubPending')),
      allow('s3:PutObject', { 'Fn::Join': ['', [attribute('^HubRelayFailedRecords'), '/aws/lambda/*']] }),
      allow('s3:ListBucket', attribute('^HubRelayFailedRecords')),
      allow('dynamodb:ListStreams', '*'),
      allow(
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        attribute('^HubOutbox', 'StreamArn'),
      ),
    ]);
  });

  it('denies everybody but relay and sweeper to put events on the bus, and leaves out what AWS does itself', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Events::EventBusPolicy', {
      EventBusName: { Ref: Match.stringLikeRegexp('^HubBus') },
      StatementId: 'cdk-OnlyTheOutboxPublishes',
      Statement: {
        Sid: 'cdk-OnlyTheOutboxPublishes',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubBus'), 'Arn'] },
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubRelayFunctionRole'), 'Arn'] },
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubSweeperFunctionRole'), 'Arn'] },
            ],
          },
          Bool: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    });
  });

  it('refuses a name of the environment of which no parameter can be named', () => {
    expect(() => createHub(createStack(), { environmentName: 'prod/eu' })).toThrow(
      "environmentName must be 1 to 64 letters, digits, '-', '_' and '.', got 'prod/eu': the name of the settings parameter is made from it",
    );
  });

  it('sweeps on schedule, and gives the sweeper nothing but its log, the events, their markers and the bus', () => {
    const template = synthesize({ settings: settingsWith({ sweepEveryMinutes: 5, sweepAfterSeconds: 600 }) });

    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(5 minutes)',
      EventBusName: Match.absent(),
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubSweeperFunction'), 'Arn'] },
          Id: 'Target0',
          RetryPolicy: { MaximumRetryAttempts: 0 },
        },
      ],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 55,
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'sweeper',
          WAYBILL_BUS_NAME: { Ref: Match.stringLikeRegexp('^HubBus') },
          WAYBILL_OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubOutbox') },
          WAYBILL_PENDING_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubPending') },
          WAYBILL_SWEEP_AFTER_SECONDS: '600',
        },
      },
    });
    const attribute = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^HubSweeperFunctionRole') }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: attribute('^HubSweeperFunctionLogs'),
          },
          { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: SETTINGS_PARAMETER },
          { Effect: 'Allow', Action: 'events:PutEvents', Resource: attribute('^HubBus') },
          { Effect: 'Allow', Action: 'dynamodb:BatchGetItem', Resource: attribute('^HubOutbox') },
          {
            Effect: 'Allow',
            Action: ['dynamodb:BatchWriteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'],
            Resource: attribute('^HubPending'),
          },
          {
            Effect: 'Allow',
            Action: 'dynamodb:Scan',
            Resource: ['/index/waiting', '/index/waiting-shard'].map((index) => ({
              'Fn::Join': ['', [attribute('^HubCursors'), index]],
            })),
          },
        ],
      },
    });
  });

  it('lets a publisher do what an outbox transaction does, and tells it where', () => {
    const stack = createStack();
    const hub = createHub(stack, { settings: settingsWith({ outboxRetentionDays: 20 }) });
    const publisher = new WaybillFunction(stack, 'Publisher', {
      entry: ENTRY,
      serviceName: 'publisher',
      settings: hub.settings,
    });

    hub.grantPublish(publisher, [OrderPlaced]);

    const template = Template.fromStack(stack);
    const attribute = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^PublisherRole') }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] }),
          {
            Effect: 'Allow',
            Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
            Resource: attribute('^HubOutbox'),
          },
          { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: attribute('^HubPending') },
        ],
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'publisher',
          WAYBILL_OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubOutbox') },
          WAYBILL_PENDING_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubPending') },
          WAYBILL_OUTBOX_RETENTION_SECONDS: '1728000',
        },
      },
    });
  });

  it('refuses props that cannot work, all at once', () => {
    const settings = { ...settingsWith(), outboxRetentionDays: 17, inboxExpiryDays: 4 };

    const build = () =>
      createHub(createStack(), {
        settings,
        relayEntry: 'functions/relais/index.ts',
        relayBatchingWindow: Duration.millis(1500),
      });

    expect(build).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message:
          "EventHub 'Test/Hub' cannot be built:\n" +
          "  - relayEntry 'functions/relais/index.ts' does not exist: write the path from the folder of cdk.json, such as 'functions/billing/index.ts'\n" +
          '  - relayBatchingWindow must be a whole number of seconds from 0 to 300, got 1.5\n' +
          '  - settings.outboxRetentionDays must be a whole number of days from 18 to 3650, got 17: it must outlast the queue and the dead-letter queue\n' +
          '  - settings.inboxExpiryDays must be a whole number of days from 18 to 3650, got 4: it must outlast the queue and the dead-letter queue',
      }),
    );
  });

  it('warns when the archive can bring back what the inbox has forgotten', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ archiveRetentionDays: 30 }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      'archiveRetentionDays 30 exceeds inboxExpiryDays 18: a replay of older events repeats their effects; keep the archive as long as the inbox, or shorter [ack: waybill:archive-outlives-inbox]',
    );
  });

  it('warns when the outbox outlives the inbox', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ outboxRetentionDays: 19 }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      "outboxRetentionDays 19 exceeds inboxExpiryDays 18: a group whose cursor has expired, or whose consumer was 'fifo', begins where the inbox can still answer, and steps over older events that the log still holds; keep the inbox as long as the outbox, or longer [ack: waybill:outbox-outlives-inbox]",
    );
  });

  it('warns when alarms would tell nobody', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      'alarmsEnabled is true without alarmTopicArn: alarms send no notifications; set alarmTopicArn to an SNS topic [ack: waybill:alarms-without-topic]',
    );
  });
});
