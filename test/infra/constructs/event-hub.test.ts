import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnEventBusPolicy } from 'aws-cdk-lib/aws-events';
import { describe, expect, it, vi } from 'vitest';
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
  it('indexes the log by id, or by id and correlation, only if the setting says so', () => {
    const indexesOf = (eventIndexes: 'none' | 'id' | 'all' | undefined) => {
      const tables = synthesize({ settings: settingsWith({ eventIndexes }) }).findResources('AWS::DynamoDB::Table');
      const log = Object.values(tables).find(({ Properties }) => Properties.StreamSpecification !== undefined);
      const indexes: readonly { readonly IndexName: string }[] = log?.Properties.GlobalSecondaryIndexes ?? [];
      return indexes.map(({ IndexName }) => IndexName);
    };

    expect(indexesOf(undefined)).toStrictEqual([]);
    expect(indexesOf('none')).toStrictEqual([]);
    expect(indexesOf('id')).toStrictEqual(['by-id']);
    expect(indexesOf('all')).toStrictEqual(['by-id', 'by-correlation']);
  });

  it('stores the log by group and sequence, with a stream of new images and expiry', () => {
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

  it('archives events from the outbox for the configured time', () => {
    const template = synthesize({ settings: settingsWith({ archiveRetentionDays: 11 }) });

    template.hasResourceProperties('AWS::Events::Archive', {
      EventPattern: { detail: { partitionkey: [{ exists: true }] } },
      RetentionDays: 11,
    });
  });

  it('relays only inserted events', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["EVENT"]}}}}' }],
      },
    });
  });

  it('misses no events that are committed while the relay is deployed', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { StartingPosition: 'TRIM_HORIZON' });
  });

  it('isolates poison records with bisection and bounded retries', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 30,
    });
  });

  it('stores whole failed batches before the stream expires them', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      MaximumRecordAgeInSeconds: 82_800,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('FailedRecords'), 'Arn'] } },
      },
    });
  });

  it('keeps failed batches private, encrypted, behind TLS, and for the retention of the log', () => {
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

  it('invokes the relay at once unless a batching window is set', () => {
    const atOnce = synthesize();
    const gathering = synthesize({ relayBatchingWindow: Duration.seconds(2) });

    atOnce.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 0 });
    gathering.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 2 });
  });

  it('sets the relay’s variables for bus and markers', () => {
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

  it('grants the relay only its log, bus, markers, stream and bucket', () => {
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

  it('denies PutEvents on the bus to everyone except relay, sweeper and AWS itself', () => {
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

  it('gives cdk-nag no deprecated property of the bus policy to read', () => {
    const stack = createStack();
    createHub(stack);
    const [policy] = stack.node.findAll().filter((each) => each instanceof CfnEventBusPolicy);
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);

    // as its rule on open access does
    const principal: unknown = Reflect.get(policy ?? {}, 'principal');
    const warnings = warn.mock.calls.length;
    warn.mockRestore();

    expect(policy).toBeDefined();
    expect([principal, warnings]).toStrictEqual([undefined, 0]);
  });

  it('rejects an environment name that is invalid in a parameter name', () => {
    expect(() => createHub(createStack(), { environmentName: 'prod/eu' })).toThrow(
      "environmentName must be 1 to 64 letters, digits, '-', '_' and '.', got 'prod/eu': the name of the settings parameter is made from it",
    );
  });

  it('runs the sweeper on schedule, and grants it only its log, the events, their markers and the bus', () => {
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

  it('grants a publisher the actions of an outbox transaction, and sets its variables', () => {
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
            Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
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

  it('rejects invalid props, all in one error', () => {
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

  it('warns if the archive can replay events that the inbox has forgotten', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ archiveRetentionDays: 30 }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      'archiveRetentionDays 30 exceeds inboxExpiryDays 18: a replay of older events repeats their effects; keep the archive at most as long as the inbox [ack: waybill:archive-outlives-inbox]',
    );
  });

  it('warns if the outbox outlives the inbox', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ outboxRetentionDays: 19 }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      "outboxRetentionDays 19 exceeds inboxExpiryDays 18: a group whose cursor has expired, or whose consumer was 'fifo', starts at the oldest event that the inbox can still know, and steps over older events in the log; keep the inbox at least as long as the outbox [ack: waybill:outbox-outlives-inbox]",
    );
  });

  it('warns if alarms have no topic', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Hub',
      'alarmsEnabled is true without alarmTopicArn: alarms send no notifications; set alarmTopicArn to an SNS topic [ack: waybill:alarms-without-topic]',
    );
  });
});
