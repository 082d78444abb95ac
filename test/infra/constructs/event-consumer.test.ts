import { Duration, NestedStack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { EventConsumer, type EventConsumerProps } from '../../../infra/constructs/event-consumer.ts';
import { defineEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import {
  billing,
  createConsumer,
  createHub,
  createStack,
  ENTRY,
  OrderPlaced,
  PaymentCaptured,
  SETTINGS_PARAMETER,
  settingsWith,
} from '../test-stack.ts';

const synthesize = (props: Partial<EventConsumerProps> = {}, settings = settingsWith()): Template => {
  const stack = createStack();
  createConsumer(createHub(stack, { settings }), props);
  return Template.fromStack(stack);
};

const attribute = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });

describe("EventConsumer's queues", () => {
  it('deduplicate by content and by group, so that groups do not share one throughput', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'TestBilling394F3DDA.fifo',
      FifoQueue: true,
      ContentBasedDeduplication: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
  });

  it('have a visibility timeout of six timeouts of the function', () => {
    const byDefault = synthesize();
    const asked = synthesize({ timeout: Duration.seconds(45) });

    byDefault.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, VisibilityTimeout: 180 });
    asked.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, VisibilityTimeout: 270 });
  });

  it('move a message to the DLQ after the receives of the settings or the props', () => {
    const redrive = (maxReceiveCount: number) => ({
      RedrivePolicy: { deadLetterTargetArn: attribute('^BillingDeadLetterQueue'), maxReceiveCount },
    });
    const byDefault = synthesize({}, settingsWith({ maxReceiveCount: 6 }));
    const asked = synthesize({ maxReceiveCount: 9 });

    byDefault.hasResourceProperties('AWS::SQS::Queue', redrive(6));
    asked.hasResourceProperties('AWS::SQS::Queue', redrive(9));
  });

  it('keep dead letters in a FIFO queue for 14 days, for its own queue only', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':sqs:',
                { Ref: 'AWS::Region' },
                ':',
                { Ref: 'AWS::AccountId' },
                ':TestBilling394F3DDA.fifo',
              ],
            ],
          },
        ],
      },
    });
  });

  it('keep messages for the time of the settings or the props', () => {
    const byDefault = synthesize({}, settingsWith({ queueRetentionDays: 3 }));
    const asked = synthesize({ retentionPeriod: Duration.hours(6) });

    byDefault.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: Match.anyValue(),
      MessageRetentionPeriod: 259_200,
    });
    asked.hasResourceProperties('AWS::SQS::Queue', { QueueName: Match.anyValue(), MessageRetentionPeriod: 21_600 });
  });

  it('have the names of the props', () => {
    const template = synthesize({ queueName: 'billing-again' });

    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'billing-again.fifo',
      RedrivePolicy: { deadLetterTargetArn: attribute('^BillingDeadLetterQueue') },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'billing-again-dlq.fifo',
      RedriveAllowPolicy: {
        sourceQueueArns: [{ 'Fn::Join': ['', Match.arrayWith([':billing-again.fifo'])] }],
      },
    });
  });

  it('leave the name of the dead-letter queue to CloudFormation if it fits', () => {
    synthesize().hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      RedriveAllowPolicy: Match.anyValue(),
      QueueName: Match.absent(),
    });
  });

  it('name the dead-letter queue in a nested stack, because CloudFormation generates long names there', () => {
    const stack = createStack();
    const hub = createHub(stack);
    hub.registerProducer(stack, billing.events);
    const nested = new NestedStack(stack, 'ConsumersOfBilling');

    new EventConsumer(nested, 'Billing', { hub, subscription: billing, entry: ENTRY });

    Template.fromStack(nested).hasResourceProperties('AWS::SQS::Queue', {
      QueueName: Match.stringLikeRegexp('^TestConsumersOfBilling[0-9A-F]{8}-dlq\\.fifo$'),
    });
  });

  it('allow only the rules of their bus to send to the queue and the undeliverable queue', () => {
    const template = synthesize();

    for (const id of ['^BillingQueue', '^BillingUndeliverableQueue']) {
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        Queues: [{ Ref: Match.stringLikeRegexp(id) }],
        PolicyDocument: {
          Statement: [
            Match.objectLike({ Effect: 'Deny' }),
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: attribute(id),
              Condition: {
                ArnLike: {
                  'aws:SourceArn': {
                    'Fn::Join': [
                      '',
                      [
                        'arn:',
                        { Ref: 'AWS::Partition' },
                        ':events:',
                        { Ref: 'AWS::Region' },
                        ':',
                        { Ref: 'AWS::AccountId' },
                        ':rule/',
                        { Ref: Match.stringLikeRegexp('^HubBus') },
                        '/*',
                      ],
                    ],
                  },
                },
              },
            },
          ],
        },
      });
    }
  });

  it('are encrypted and reject requests without TLS', () => {
    const template = synthesize();

    template.resourcePropertiesCountIs('AWS::SQS::Queue', { SqsManagedSseEnabled: true }, 3);
    template.resourcePropertiesCountIs(
      'AWS::SQS::QueuePolicy',
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Deny',
              Action: 'sqs:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        },
      },
      3,
    );
  });
});

describe("EventConsumer's rule", () => {
  it('matches each type of the subscription from its own source only, and only events with a group', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: { Ref: Match.stringLikeRegexp('^HubBus') },
      EventPattern: {
        source: ['/orders', '/payments'],
        'detail-type': Match.absent(),
        detail: {
          partitionkey: [{ exists: true }],
          $or: [
            { source: ['/orders'], type: ['com.example.order.placed', 'com.example.order.cancelled'] },
            { source: ['/payments'], type: ['com.example.payment.captured'] },
          ],
        },
      },
    });
  });

  it('matches a subscription of one source by the routing attributes', () => {
    const template = synthesize({ subscription: defineSubscription({ name: 'billing', events: [OrderPlaced] }) });

    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['/orders'],
        'detail-type': ['com.example.order.placed'],
        detail: { partitionkey: [{ exists: true }] },
      },
    });
  });

  it('sends the stored event to its group of the queue, and undeliverable events to a standard queue', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        Match.objectEquals({
          Id: 'Target0',
          Arn: attribute('^BillingQueue'),
          InputPath: '$.detail',
          SqsParameters: { MessageGroupId: '$.detail.partitionkey' },
          DeadLetterConfig: { Arn: attribute('^BillingUndeliverableQueue') },
        }),
      ],
    });
    template.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: Match.absent(), MessageRetentionPeriod: 1_209_600 });
  });
});

describe("EventConsumer's function", () => {
  it('receives batches of ten and reports partial failures', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: attribute('^BillingQueue'),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('has the maximum concurrency of the settings or the props', () => {
    const byDefault = synthesize({}, settingsWith({ maxConcurrency: 3 }));
    const asked = synthesize({ maxConcurrency: 12 });

    byDefault.hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: 3 } });
    asked.hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: 12 } });
  });

  it('has variables for outbox and inbox, and their retention', () => {
    const template = synthesize({ environment: { CURRENCY: 'EUR' } });

    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          CURRENCY: 'EUR',
          POWERTOOLS_SERVICE_NAME: 'billing',
          WAYBILL_INBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubInbox') },
          WAYBILL_INBOX_EXPIRY_SECONDS: '1555200',
          WAYBILL_OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubOutbox') },
          WAYBILL_OUTBOX_RETENTION_SECONDS: '1555200',
          WAYBILL_PENDING_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubPending') },
        },
      },
    });
  });

  it('has variables of its subscription for operators’ tools', () => {
    const stack = createStack();
    createConsumer(createHub(stack, { environmentName: 'staging' }));

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'billing',
          WAYBILL_ENVIRONMENT_NAME: 'staging',
          WAYBILL_EVENT_TYPES: 'com.example.order.placed,com.example.order.cancelled,com.example.payment.captured',
          WAYBILL_EVENT_SOURCES: '/orders /orders /payments',
          WAYBILL_ORDERING: 'strict',
          WAYBILL_START_FROM: 'deployment',
          WAYBILL_DEAD_LETTER_QUEUE_URL: { Ref: Match.stringLikeRegexp('^BillingDeadLetterQueue') },
          WAYBILL_UNDELIVERABLE_QUEUE_URL: { Ref: Match.stringLikeRegexp('^BillingUndeliverableQueue') },
        },
      },
    });
  });

  it('has no outbox grants if it is not strict and publishes nothing, but has the table names', () => {
    const template = synthesize({
      subscription: defineSubscription({ name: 'billing', events: [OrderPlaced], ordering: 'fifo' }),
    });

    const [policy = {}] = Object.values(
      template.findResources('AWS::IAM::Policy', {
        Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^BillingFunctionRole') }] },
      }),
    );
    expect(JSON.stringify(policy)).not.toMatch(/HubOutbox|HubPending/);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          POWERTOOLS_SERVICE_NAME: 'billing',
          WAYBILL_OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubOutbox') },
        }),
      },
    });
  });

  it.each([
    ['before its handler', 'calls external systems', { externalSystems: ['carrier'] }, 'before'],
    ['before its handler', 'says so', { subscription: { ...billing, claim: 'before' as const } }, 'before'],
    [
      'with the commit',
      'says so although it calls external systems',
      { externalSystems: ['carrier'], subscription: { ...billing, claim: 'commit' as const } },
      'commit',
    ],
    ['with the commit', 'says nothing', {}, 'commit'],
  ])('claims events %s if it %s', (_when, _if, props, claim) => {
    synthesize(props).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ WAYBILL_CLAIM: claim, POWERTOOLS_SERVICE_NAME: 'billing' }) },
    });
  });

  it('only has grants for its own inbox records and cursors, the log, publishing and its queue', () => {
    const template = synthesize({ publishes: [PaymentCaptured] });

    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^BillingFunctionRole') }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: attribute('^BillingFunctionLogs'),
          },
          { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: SETTINGS_PARAMETER },
          {
            Effect: 'Allow',
            Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
            Resource: attribute('^HubInbox'),
            Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['billing#*'] } },
          },
          {
            Effect: 'Allow',
            Action: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
            Resource: attribute('^HubCursors'),
            Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['billing#*'] } },
          },
          {
            Effect: 'Allow',
            Action: ['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`),
            Resource: attribute('^HubOutbox'),
          },
          { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: attribute('^HubPending') },
          {
            Effect: 'Allow',
            Action: [
              'sqs:ChangeMessageVisibility',
              'sqs:DeleteMessage',
              'sqs:GetQueueAttributes',
              'sqs:ReceiveMessage',
              'sqs:SendMessage',
            ],
            Resource: attribute('^BillingQueue'),
          },
        ],
      },
    });
  });
});

describe('EventConsumer', () => {
  it('rejects invalid props, all in one error', () => {
    const hub = createHub(createStack());

    const build = () =>
      createConsumer(hub, {
        entry: 'functions/billing/main.ts',
        timeout: Duration.minutes(16),
        memorySize: 64,
        environment: { WAYBILL_BUS_NAME: 'mine', CURRENCY: 'EUR' },
        maxConcurrency: 1,
        maxReceiveCount: 0,
        batchSize: 11,
        retentionPeriod: Duration.days(5),
      });

    expect(build).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        path: 'Test/Billing',
        message:
          "EventConsumer 'Test/Billing' cannot be built:\n" +
          "  - entry 'functions/billing/main.ts' does not exist: write the path from the folder of cdk.json, such as 'functions/billing/index.ts'\n" +
          '  - timeout must be a whole number of seconds from 1 to 900, got 960\n' +
          '  - memorySize must be a whole number of MiB from 128 to 10240, got 64\n' +
          '  - environment must not set variables that Waybill sets (WAYBILL_*, POWERTOOLS_*), got WAYBILL_BUS_NAME: choose other names\n' +
          '  - maxConcurrency must be a whole number of executions from 2 to 1000, got 1\n' +
          '  - maxReceiveCount must be a whole number of receives from 1 to 1000, got 0\n' +
          '  - batchSize must be a whole number of messages from 1 to 10, got 11\n' +
          '  - retentionPeriod must be a whole number of seconds from 60 to 345600, got 432000: with 14 days as a dead letter it must stay within outboxRetentionDays 18 and inboxExpiryDays 18; shorten it or raise those settings',
      }),
    );
  });

  it('rejects a queue retention that is not shorter than the dead-letter queue’s', () => {
    const hub = createHub(createStack(), {
      settings: settingsWith({ outboxRetentionDays: 100, inboxExpiryDays: 100 }),
    });

    expect(() => createConsumer(hub, { retentionPeriod: Duration.days(14) })).toThrow(
      expect.objectContaining({
        problems: [expect.stringContaining('retentionPeriod must be a whole number of seconds from 60 to 1123200')],
      }),
    );
  });

  it('rejects a second consumer with the same name on one hub', () => {
    const stack = createStack();
    const hub = createHub(stack);
    createConsumer(hub);

    const build = () => new EventConsumer(stack, 'Invoicing', { hub, subscription: billing, entry: ENTRY });

    expect(build).toThrow(
      expect.objectContaining({
        message:
          "EventConsumer 'Test/Invoicing' cannot be built:\n" +
          "  - subscription.name must be unique on the hub, got 'billing', which 'Test/Billing' has: rename one of them",
      }),
    );
  });

  it.each([
    ['', "got ''"],
    ['b'.repeat(72), `got '${'b'.repeat(72)}'`],
    ['billing.fifo', "got 'billing.fifo'"],
  ])("rejects '%s' as the name of its queues", (queueName, got) => {
    const hub = createHub(createStack());

    expect(() => createConsumer(hub, { queueName })).toThrow(
      `queueName must be 1 to 71 letters, digits, '-' and '_', without '.fifo', ${got}`,
    );
  });

  it('rejects the queue name of another consumer of the app', () => {
    const stack = createStack();
    const hub = createHub(stack);
    createConsumer(hub, { queueName: 'shared' });
    const invoicing = defineSubscription({ name: 'invoicing', events: [OrderPlaced] });
    new EventConsumer(stack, 'Invoicing', { hub, subscription: invoicing, entry: ENTRY, queueName: 'shared' });

    expect(() => Template.fromStack(stack)).toThrow(
      "QueueName of 'Test/Billing/Queue' must be its own in an account and region, got 'shared.fifo', which 'Test/Invoicing/Queue' has: give one of the consumers another queueName",
    );
  });

  it('rejects a subscription if EventBridge would not accept its pattern', () => {
    const events = Array.from({ length: 40 }, (_, index) =>
      defineEvent({
        type: `com.example.order.very-long-name-of-an-event-type.${index}`,
        source: '/orders',
        version: 1,
        schema: OrderPlaced.schema,
      }),
    );
    const hub = createHub(createStack());

    const build = () => createConsumer(hub, { subscription: defineSubscription({ name: 'everything', events }) });

    expect(build).toThrow(
      expect.objectContaining({
        message:
          "EventConsumer 'Test/Billing' cannot be built:\n" +
          '  - subscription.events make an event pattern of 2272 characters, allowed are 2048: shorten the event types or split the subscription',
      }),
    );
  });

  it('warns if maxReceiveCount is low', () => {
    const stack = createStack();
    createConsumer(createHub(stack), { maxReceiveCount: 3 });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Billing',
      'maxReceiveCount 3 makes dead letters of messages that only met throttling or a deployment; 5 or more are advised [ack: waybill:max-receive-count-low]',
    );
  });
});

describe('EventConsumer without props', () => {
  it('lists every missing prop', () => {
    const stack = createStack();

    // @ts-expect-error the app runs without a type check
    expect(() => new EventConsumer(stack, 'It', {})).toThrow(
      "EventConsumer 'Test/It' cannot be built:\n  - hub must be given, got nothing\n  - subscription must be given, got nothing\n  - entry must be given, got nothing",
    );
  });

  it('refuses a hub and a subscription of another kind, and says what they must be', () => {
    const stack = createStack();

    // @ts-expect-error the app runs without a type check
    expect(() => new EventConsumer(stack, 'It', { hub: 'dev', subscription: 'billing', entry: 'index.ts' })).toThrow(
      "EventConsumer 'Test/It' cannot be built:\n  - hub must be an EventHub, got the text 'dev'\n  - subscription must be the result of defineSubscription, got the text 'billing'",
    );
  });
});
