import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { billing, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-places-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const createApp = () => new App({ outdir, context: { ...featureFlags(), 'aws:cdk:bundling-stacks': [] } });

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const VIRGINIA = { account: '111122223333', region: 'us-east-1' };

function hubIn(app: App, env: StackProps['env'], id = 'Hub'): EventHub {
  const stack = new Stack(app, id, { ...(env === undefined ? {} : { env }), crossRegionReferences: true });
  return new EventHub(stack, 'Hub', { settings: settingsWith() });
}

const stackIn = (app: App, env: StackProps['env']): Stack =>
  new Stack(app, 'Shop', { ...(env === undefined ? {} : { env }), crossRegionReferences: true });

describe('a consumer', () => {
  const consume = (hub: EventHub, stack: Stack) =>
    new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });

  it('is rejected in another region than its hub, even with cross-region references of CDK', () => {
    const app = createApp();
    const hub = hubIn(app, IRELAND);

    expect(() => consume(hub, stackIn(app, VIRGINIA))).toThrow(
      "EventConsumer 'Shop/Billing' cannot be built:\n" +
        "  - its stack must be in the region of its hub 'Hub/Hub', eu-west-1, since a rule sits with its bus, got us-east-1: give both stacks the same env, or make a hub there",
    );
  });

  it('is refused in another account than its hub', () => {
    const app = createApp();
    const hub = hubIn(app, IRELAND);

    expect(() => consume(hub, stackIn(app, { ...IRELAND, account: '444455556666' }))).toThrow(
      "its stack must be in the account of its hub 'Hub/Hub', 111122223333, since a rule sits with its bus, got 444455556666",
    );
  });

  it('is rejected if only one of the two stacks sets its region', () => {
    const app = createApp();
    const hub = hubIn(app, undefined);

    expect(() => consume(hub, stackIn(app, IRELAND))).toThrow(
      "its stack must be in the region of its hub 'Hub/Hub', which its stack's env does not say, since a rule sits with its bus, got eu-west-1",
    );
  });

  it('may be in another stack of the same account and region, set explicitly or not', () => {
    for (const env of [IRELAND, undefined]) {
      const app = createApp();
      const hub = hubIn(app, env);

      expect(() => consume(hub, stackIn(app, env))).not.toThrow();
    }
  });
});

describe('a function that publishes', () => {
  it('is refused in another region than its hub', () => {
    const app = createApp();
    const hub = hubIn(app, IRELAND);
    const publisher = new WaybillFunction(stackIn(app, VIRGINIA), 'PlaceOrder', {
      entry: ENTRY,
      serviceName: 'place-order',
      settings: settingsWith(),
    });

    expect(() => hub.grantPublish(publisher, [OrderPlaced])).toThrow(
      "grantPublish to 'Shop/PlaceOrder' cannot be built:\n" +
        "  - the stack of a function that publishes must be in the region of its hub 'Hub/Hub', eu-west-1, since a transaction stays in one region, got us-east-1",
    );
  });
});

describe('two hubs of an app', () => {
  it('are rejected with the same environment name and metric namespace in one account and region', () => {
    const app = createApp();
    hubIn(app, IRELAND, 'First');

    expect(() => hubIn(app, IRELAND, 'Second')).toThrow(
      "EventHub 'Second/Hub' cannot be built:\n" +
        "  - environmentName must differ between the hubs of an account and region, got 'default', which 'First/Hub' has: with one name, operators' tools would mix up their consumers; give one of them another\n" +
        "  - settings.metricNamespace must differ between the hubs of an account and region, got 'Waybill/dev', which 'First/Hub' has: with one namespace, the alarms of each hub would watch the metrics of both; give one of them another",
    );
  });

  it('may share both in different regions or accounts, and may use different ones in the same', () => {
    const app = createApp();
    hubIn(app, IRELAND, 'First');

    expect(() => hubIn(app, VIRGINIA, 'Second')).not.toThrow();
    expect(() => hubIn(app, { ...IRELAND, account: '444455556666' }, 'Third')).not.toThrow();
    expect(
      () =>
        new EventHub(new Stack(app, 'Fourth', { env: IRELAND }), 'Hub', {
          settings: settingsWith({ metricNamespace: 'Waybill/second' }),
          environmentName: 'second',
        }),
    ).not.toThrow();
  });
});

describe('an environment', () => {
  const deployTo = (scope: Construct, env: StackProps['env'], environmentName: string, hasOwnRule = false): void => {
    const stack = new Stack(scope, `Shop-${environmentName}`, env === undefined ? {} : { env });
    const metricNamespace = `Waybill/${environmentName}`;
    const hub = new EventHub(stack, 'Hub', { settings: settingsWith({ metricNamespace }), environmentName });
    hub.registerProducer(stack, billing.events);
    new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });
    if (!hasOwnRule) return;
    const queue = new Queue(stack, 'Mine', { fifo: true });
    const target = new SqsQueue(queue, { messageGroupId: 'all', message: RuleTargetInput.fromEventPath('$.detail') });
    new Rule(stack, 'MyRule', { eventBus: hub.bus, eventPattern: { source: ['/orders'] }, targets: [target] });
  };

  const problemsOf = (app: App): readonly string[] => {
    try {
      app.synth();
      return [];
    } catch (error) {
      // another error than that of the checks is no problem of theirs
      if (!(error instanceof Error) || !error.message.startsWith('Validation failed')) throw error;
      return error.message.split('\n').slice(1);
    }
  };

  it.each<[string, StackProps['env'], StackProps['env']]>([
    ['regions', IRELAND, VIRGINIA],
    ['accounts', IRELAND, { ...IRELAND, account: '444455556666' }],
    ['places, of which one is known at deployment only', IRELAND, undefined],
  ])('may be in one app with another one: their hubs are in different %s', (_, env, otherEnv) => {
    const app = createApp();
    deployTo(app, env, 'dev');
    deployTo(app, otherEnv, 'prod');

    expect(problemsOf(app)).toStrictEqual([]);
  });

  it.each([
    ['regions', VIRGINIA],
    ['stages of one account and region', IRELAND],
  ])('may be a stage of the app, beside one of another: their hubs are in different %s', (_, otherEnv) => {
    const app = createApp();
    deployTo(new Stage(app, 'Dev'), IRELAND, 'dev');
    deployTo(new Stage(app, 'Prod'), otherEnv, 'prod');

    expect(problemsOf(app)).toStrictEqual([]);
  });

  it.each([
    ['region', VIRGINIA],
    ['name, in one account and region', IRELAND],
  ])('has the rules of its own hub checked, and not those of another %s', (_, otherEnv) => {
    const app = createApp();
    deployTo(app, IRELAND, 'dev');
    deployTo(app, otherEnv, 'prod', true);

    expect(problemsOf(app)).toStrictEqual([
      expect.stringMatching(
        /^ *\[Shop-prod\/Hub\] rule 'Shop-prod\/MyRule' must take the MessageGroupId for FIFO queue 'Shop-prod\/Mine'/,
      ),
    ]);
  });
});
