import { App, Fn, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { EventConsumer, type EventConsumerProps } from '../../../infra/constructs/event-consumer.ts';
import { EventHub, type EventHubAttributes, type EventHubLookup } from '../../../infra/constructs/event-hub.ts';
import type { IEventHub } from '../../../infra/constructs/event-hub-base.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { defineSettings } from '../../../infra/environments.ts';
import { trips } from '../../e2e/trips/saga.ts';
import { billing, createAppWith, createHub, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const arnOf = (name: string) => `arn:aws:dynamodb:eu-west-1:111122223333:table/${name}`;
const ARNS = {
  busArn: 'arn:aws:events:eu-west-1:111122223333:event-bus/HubBus1A2B',
  outboxTableArn: arnOf('outbox'),
  pendingTableArn: arnOf('pending'),
  inboxTableArn: arnOf('inbox'),
  cursorsTableArn: arnOf('cursors'),
};
const SETTINGS = defineSettings('staging', { alarmsEnabled: false });
const DESCRIPTION = { format: 1, environmentName: 'dev', settings: SETTINGS, ...ARNS };

/** The key under which the CDK CLI remembers what it has looked up. */
const LOOKED_UP = 'ssm:account=111122223333:parameterName=/waybill/dev/hub:region=eu-west-1';

interface Joined {
  readonly stack: Stack;
  readonly hub: IEventHub;
}

function lookUp(content: unknown, props: EventHubLookup = {}): Joined {
  const stack = new Stack(createAppWith({ [LOOKED_UP]: content }), 'Orders', { env: IRELAND });
  return { stack, hub: EventHub.fromLookup(stack, 'Hub', { environmentName: 'dev', ...props }) };
}

const consume = ({ stack, hub }: Joined, props: Partial<EventConsumerProps> = {}): EventConsumer =>
  new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY, ...props });

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was refused';
};

describe('a hub', () => {
  it('describes itself to other apps in a parameter of its environment', () => {
    const stack = createStack();
    createHub(stack, { environmentName: 'dev' });

    const template = Template.fromStack(stack);
    const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
    expect(parameter?.Properties).toMatchObject({ Name: '/waybill/dev/hub', Type: 'String' });
    const [, parts] = parameter?.Properties.Value['Fn::Join'] ?? [];
    const text = parts.map((part: unknown) => (typeof part === 'string' ? part : 'ARN')).join('');
    expect(JSON.parse(text)).toStrictEqual({
      format: 1,
      environmentName: 'dev',
      settings: settingsWith(),
      busArn: 'ARN',
      outboxTableArn: 'ARN',
      pendingTableArn: 'ARN',
      inboxTableArn: 'ARN',
      cursorsTableArn: 'ARN',
    });
    const ids = parts.flatMap((part: unknown) =>
      typeof part === 'string' ? [] : [(part as Record<string, string[]>)['Fn::GetAtt']?.[0]?.slice(0, -8)],
    );
    expect(ids).toStrictEqual(['HubBus', 'HubOutbox', 'HubPending', 'HubInbox', 'HubCursors']);
  });

  it('is rejected if its description is too long for the parameter', () => {
    const settings = { ...settingsWith(), alarmTopicArn: `arn:aws:sns:eu-west-1:111122223333:${'a'.repeat(3000)}` };

    expect(messageOf(() => createHub(createStack(), { settings }))).toMatch(
      /settings must leave the hub's description within the 4096 characters of a standard parameter, got up to \d+: shorten alarmTopicArn/,
    );
  });

  it.each(['', 'a/b', 'a b'])(
    'is rejected with the environmentName "%s", which is invalid in a parameter name',
    (name) => {
      expect(messageOf(() => createHub(createStack(), { environmentName: name }))).toContain(
        `environmentName must be 1 to 64 letters, digits, '-', '_' and '.', got '${name}'`,
      );
    },
  );
});

describe('a hub that is looked up', () => {
  it('gives a consumer its rule on the bus, the settings, and grants for its parts of the tables', () => {
    const joined = lookUp(JSON.stringify(DESCRIPTION));

    consume(joined, { publishes: [OrderPlaced] });

    const template = Template.fromStack(joined.stack);
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: 'HubBus1A2B' });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
          WAYBILL_PENDING_TABLE_NAME: 'pending',
          WAYBILL_INBOX_TABLE_NAME: 'inbox',
          WAYBILL_CURSORS_TABLE_NAME: 'cursors',
          WAYBILL_ENVIRONMENT_NAME: 'dev',
          WAYBILL_OUTBOX_RETENTION_SECONDS: '1555200',
          WAYBILL_MAX_RECEIVE_COUNT: '5',
          POWERTOOLS_METRICS_NAMESPACE: 'Waybill/staging',
        }),
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
            Resource: arnOf('inbox'),
            Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['billing#*'] } },
          }),
          Match.objectLike({ Action: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], Resource: arnOf('cursors') }),
          Match.objectLike({ Action: 'dynamodb:Query', Resource: arnOf('outbox') }),
          Match.objectLike({
            Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
            Resource: arnOf('outbox'),
          }),
          Match.objectLike({ Action: 'dynamodb:PutItem', Resource: arnOf('pending') }),
        ]),
      },
    });
    template.resourceCountIs('AWS::Events::EventBus', 0);
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
  });

  it('accepts events that other apps publish or subscribe to, and has no cdk-nag findings', () => {
    const joined = lookUp(JSON.stringify(DESCRIPTION));
    consume(joined);
    new ProcessManager(joined.stack, 'Trips', { hub: joined.hub, saga: trips, entry: ENTRY });
    const { root } = joined.stack.node;
    Validations.of(root).addPlugins(new AwsSolutionsChecks(root));

    const [stack] = App.isApp(root) ? root.synth().stacks : [];

    expect(stack?.messages.map(({ entry }) => entry.data)).toStrictEqual([]);
  });

  it('accepts the settings that a service changes for its own consumers', () => {
    const { hub } = lookUp(JSON.stringify(DESCRIPTION), { settings: { maxReceiveCount: 9, logLevel: 'ERROR' } });

    expect(hub.settings).toStrictEqual({ ...SETTINGS, maxReceiveCount: 9, logLevel: 'ERROR' });
  });

  it('rejects a service that changes settings of the hub', () => {
    const settings = { tenancy: 'required', outboxRetentionDays: 100 } as EventHubLookup['settings'];

    expect(messageOf(() => lookUp(JSON.stringify(DESCRIPTION), settings === undefined ? {} : { settings }))).toBe(
      "EventHub 'Orders/Hub' cannot be built:\n" +
        "  - settings must be those of the service's own consumers, queueRetentionDays, logRetentionDays, logLevel, maxConcurrency, maxReceiveCount, alarmsEnabled, alarmTopicArn, removalPolicy, deletionProtection, pointInTimeRecovery, tracing, got tenancy, outboxRetentionDays: change these in the app that deploys the hub",
    );
  });

  it('rejects a service if it retains messages for longer than the hub retains its log', () => {
    expect(messageOf(() => lookUp(JSON.stringify(DESCRIPTION), { settings: { queueRetentionDays: 10 } }))).toMatch(
      /settings: outboxRetentionDays must be at least 24 \(queueRetentionDays 10 \+ 14 days as a dead letter\), got 18/,
    );
  });

  it('rejects a consumer if it retains messages for longer than the hub retains its log', () => {
    const joined = lookUp(JSON.stringify(DESCRIPTION));
    const { queue } = consume(joined);
    const resource = queue.node.defaultChild as unknown as { addPropertyOverride(path: string, value: number): void };
    resource.addPropertyOverride('MessageRetentionPeriod', 864_000);

    expect(messageOf(() => App.isApp(joined.stack.node.root) && joined.stack.node.root.synth())).toMatch(
      /outboxRetentionDays must be at least 24 days/,
    );
  });

  it('rejects two consumers with the same name in the app, even in two stacks that look up the hub', () => {
    const app = createAppWith({ [LOOKED_UP]: JSON.stringify(DESCRIPTION) });
    const [orders, other] = ['Orders', 'Other'].map((id) => new Stack(app, id, { env: IRELAND }));
    if (orders === undefined || other === undefined) throw new TypeError('there are two');
    consume({ stack: orders, hub: EventHub.fromLookup(orders, 'Hub', { environmentName: 'dev' }) });
    const second = { stack: other, hub: EventHub.fromLookup(other, 'Hub', { environmentName: 'dev' }) };

    expect(messageOf(() => consume(second))).toContain(
      "subscription.name must be unique on the hub, got 'billing', which 'Orders/Billing' has: rename one of them",
    );
  });

  it('is the hub of the app itself if the app has it', () => {
    const app = createAppWith({ [LOOKED_UP]: JSON.stringify(DESCRIPTION) });
    const stack = new Stack(app, 'Orders', { env: IRELAND });
    new EventHub(stack, 'Own', { settings: SETTINGS, environmentName: 'dev' });

    expect(messageOf(() => EventHub.fromLookup(stack, 'Hub', { environmentName: 'dev' }))).toContain(
      "environmentName must be that of a hub of another app, got 'dev', which this app's 'Orders/Own' has: pass that one on",
    );
  });

  it('passes the first synth, in which CDK does not know the parameter yet', () => {
    const app = createAppWith();
    const stack = new Stack(app, 'Orders', { env: IRELAND });
    const hub = EventHub.fromLookup(stack, 'Hub', { environmentName: 'dev', settings: { queueRetentionDays: 13 } });
    new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });

    expect(app.synth().manifest.missing).toMatchObject([
      { key: LOOKED_UP, provider: 'ssm', props: { parameterName: '/waybill/dev/hub' } },
    ]);
  });

  it('reads the description from the context, in which the local run and tests pass it', () => {
    const app = createAppWith({ 'waybill:hub:dev': JSON.stringify(DESCRIPTION) });
    const stack = new Stack(app, 'Orders', { env: IRELAND });

    expect(EventHub.fromLookup(stack, 'Hub', { environmentName: 'dev' }).outboxTable.tableName).toBe('outbox');
    expect(app.synth().manifest.missing).toBeUndefined();
  });

  it('rejects a stack without account and region in its env', () => {
    const stack = new Stack(createAppWith({ 'waybill:hub:dev': JSON.stringify(DESCRIPTION) }), 'Orders');

    expect(messageOf(() => EventHub.fromLookup(stack, 'Hub', { environmentName: 'dev' }))).toBe(
      "EventHub.fromLookup 'Orders/Hub' cannot be built:\n" +
        '  - its stack must say account and region, since a lookup asks one account: set env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION }',
    );
  });

  it('ignores members of a newer hub that this version does not know', () => {
    const newer = { ...DESCRIPTION, archiveArn: 'arn', settings: { ...SETTINGS, sweepMaxEvents: 5 } };

    expect(lookUp(JSON.stringify(newer)).hub.settings).toStrictEqual(SETTINGS);
  });

  it.each([
    [
      'what no hub has written',
      'hello',
      'it must be the description of a hub, got "hello": deploy the hub\'s app first',
    ],
    [
      'a format that it does not read',
      { ...DESCRIPTION, format: 2 },
      'its format must be 1, got 2: use the version of Waybill with which the hub is deployed',
    ],
    [
      'a description without a table',
      { ...DESCRIPTION, inboxTableArn: undefined },
      'its inboxTableArn: Invalid input: expected string, received undefined',
    ],
    [
      'a setting that an older hub does not say',
      { ...DESCRIPTION, settings: { ...SETTINGS, tenancy: undefined } },
      "its settings: tenancy must be one of none, required, got undefined: deploy the hub's app with this version of Waybill",
    ],
  ])('rejects %s', (_what, content, problem) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);

    expect(messageOf(() => lookUp(text))).toBe(
      `EventHub.fromLookup 'Orders/Hub' cannot be built:\n  - the parameter '/waybill/dev/hub' cannot be used: ${problem}`,
    );
  });
});

describe('a hub by its attributes', () => {
  const ATTRIBUTES: EventHubAttributes = { environmentName: 'dev', settings: SETTINGS, ...ARNS };

  it('accepts ARNs that are known only at deployment', () => {
    const stack = new Stack(createAppWith(), 'Orders');
    const hub = EventHub.fromAttributes(stack, 'Hub', {
      ...ATTRIBUTES,
      busArn: Fn.importValue('BusArn'),
      outboxTableArn: Fn.importValue('OutboxArn'),
      pendingTableArn: Fn.importValue('PendingArn'),
      inboxTableArn: Fn.importValue('InboxArn'),
      cursorsTableArn: Fn.importValue('CursorsArn'),
    });
    consume({ stack, hub });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'dynamodb:Query', Resource: { 'Fn::ImportValue': 'OutboxArn' } }),
        ]),
      },
    });
  });

  it('rejects an invalid ARN, and a hub in another account or region', () => {
    const stack = new Stack(createAppWith(), 'Orders', { env: { ...IRELAND, region: 'us-east-1' } });
    const attributes = {
      ...ATTRIBUTES,
      inboxTableArn: 'inbox',
      busArn: ARNS.busArn.replace('111122223333', '444455556666'),
    };

    expect(messageOf(() => EventHub.fromAttributes(stack, 'Hub', attributes))).toBe(
      "ImportedEventHub 'Orders/Hub' cannot be built:\n" +
        "  - its stack must be in the region of the hub's busArn, eu-west-1, since a transaction stays in one account and region, got us-east-1: set env of the stack, or make a hub there\n" +
        "  - its stack must be in the account of the hub's busArn, 444455556666, since a transaction stays in one account and region, got 111122223333: set env of the stack, or make a hub there\n" +
        "  - its stack must be in the region of the hub's outboxTableArn, eu-west-1, since a transaction stays in one account and region, got us-east-1: set env of the stack, or make a hub there\n" +
        "  - its stack must be in the region of the hub's pendingTableArn, eu-west-1, since a transaction stays in one account and region, got us-east-1: set env of the stack, or make a hub there\n" +
        "  - inboxTableArn must be an ARN such as arn:aws:dynamodb:eu-west-1:111122223333:table/name, got 'inbox'\n" +
        "  - its stack must be in the region of the hub's cursorsTableArn, eu-west-1, since a transaction stays in one account and region, got us-east-1: set env of the stack, or make a hub there",
    );
  });

  it('rejects two hubs with the same environment', () => {
    const stack = new Stack(createAppWith(), 'Orders', { env: IRELAND });
    EventHub.fromAttributes(stack, 'Hub', ATTRIBUTES);

    const second = { ...ATTRIBUTES, busArn: `${ARNS.busArn}X` };

    expect(messageOf(() => EventHub.fromAttributes(stack, 'Second', second))).toContain(
      `busArn must be that of 'Orders/Hub', ${ARNS.busArn}, which has the same environmentName 'dev', got ${ARNS.busArn}X: an environment has one hub`,
    );
  });
});
