import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EventConsumer, EventConsumerProps } from '../../../infra/constructs/event-consumer.ts';
import type { EnvironmentSettings } from '../../../infra/settings.ts';
import { createConsumer, createHub, createStack, settingsWith } from '../test-stack.ts';

function deploy(props: Partial<EventConsumerProps> = {}, settings: Partial<EnvironmentSettings> = {}) {
  const stack = createStack();
  const consumer = createConsumer(createHub(stack, { settings: settingsWith(settings) }), props);
  return { stack, consumer };
}

const BELOW =
  "reservedConcurrentExecutions of 'Test/Billing/Function' must be at least the 20 executions of its queue's mapping (maxConcurrency), got 19: raise it or lower maxConcurrency, otherwise Lambda throttles calls and their messages become dead letters without being handled; to stop a consumer, disable its mapping";

const resourceOf = (consumer: EventConsumer): CfnFunction => {
  const { defaultChild } = consumer.function.node;
  if (!(defaultChild instanceof CfnFunction)) throw new TypeError('a function is a resource');
  return defaultChild;
};

const synth = (stack: Stack) => {
  const { root } = stack.node;
  if (!App.isApp(root)) throw new TypeError('the root is an app');
  return root.synth();
};

const starvationTold = (stack: Stack): readonly string[] =>
  synth(stack)
    .getStackByName('Test')
    .messages.map(({ entry }) => String(entry.data))
    .filter((text) => text.includes('none is left for the relay'));

describe('reserved concurrency', () => {
  it('is accepted if it covers the executions of the mapping', () => {
    const { stack } = deploy({ maxConcurrency: 20, reservedConcurrentExecutions: 20 });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: 20,
      Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: 'billing' }) },
    });
  });

  it('below maxConcurrency fails synth', () => {
    const { stack } = deploy({ maxConcurrency: 20, reservedConcurrentExecutions: 19 });

    expect(() => synth(stack)).toThrow(BELOW);
  });

  it("below maxConcurrency fails synth by the function's escape hatch, too", () => {
    const { stack, consumer } = deploy({ maxConcurrency: 20 });
    resourceOf(consumer).addPropertyOverride('ReservedConcurrentExecutions', 19);

    expect(() => synth(stack)).toThrow(BELOW);
  });

  it('below the maxConcurrency that an escape hatch sets on the mapping fails synth', () => {
    const { stack, consumer } = deploy({ maxConcurrency: 2, reservedConcurrentExecutions: 19 });
    const mapping = consumer.function.node.findChild('QueueMapping').node.defaultChild;
    Reflect.apply(Reflect.get(mapping ?? {}, 'addPropertyOverride'), mapping, ['ScalingConfig.MaximumConcurrency', 20]);

    expect(() => synth(stack)).toThrow(BELOW);
  });

  it.each([0, 1001, 1.5])('rejects %d executions', (reservedConcurrentExecutions) => {
    expect(() => deploy({ reservedConcurrentExecutions })).toThrow(
      expect.objectContaining({
        problems: [
          `reservedConcurrentExecutions must be a whole number of executions from 1 to 1000, got ${reservedConcurrentExecutions}`,
        ],
      }),
    );
  });

  it('is set for relay and sweeper if the settings have it', () => {
    const { stack } = deploy({}, { relayReservedConcurrency: 20 });

    const template = Template.fromStack(stack);
    for (const [service, reserved] of [
      ['relay', 20],
      ['sweeper', 2],
    ] as const) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        ReservedConcurrentExecutions: reserved,
        Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: service }) },
      });
    }
  });

  it('is set for no function by default, because a new account does not allow it', () => {
    const { stack } = deploy();

    Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: Match.absent(),
    });
  });
});

describe('consumers that can use all executions of the account', () => {
  it('cause a warning, because they can starve the relay', () => {
    const { stack } = deploy({ maxConcurrency: 901 });

    expect(starvationTold(stack)).toStrictEqual([
      expect.stringContaining(
        "the 1 queue mappings of the app in the hub's account and region may use 901 executions in total, and the account has 1000 (accountConcurrency): in a peak none is left for the relay, and events wait; set relayReservedConcurrency, lower maxConcurrency, or have the account's quota raised and set accountConcurrency",
      ),
    ]);
  });

  it('cause no warning at a hub in another region, whose executions are others', () => {
    const { stack } = deploy({ maxConcurrency: 500 });
    const elsewhere = new Stack(stack.node.root, 'Elsewhere', {
      env: { account: '111122223333', region: 'us-east-1' },
    });
    createConsumer(createHub(elsewhere), { maxConcurrency: 500 });

    expect(starvationTold(stack)).toStrictEqual([]);
  });

  it('cause a warning in a new account, which has ten executions', () => {
    expect(starvationTold(deploy({ maxConcurrency: 2 }, { accountConcurrency: 10 }).stack)).toHaveLength(1);
  });

  it.each<[string, Partial<EventConsumerProps>, Partial<EnvironmentSettings>]>([
    ['if they leave some executions', { maxConcurrency: 900 }, {}],
    ['if the account has more executions', { maxConcurrency: 901 }, { accountConcurrency: 1001 }],
    ['if the relay has a reserved concurrency', { maxConcurrency: 901 }, { relayReservedConcurrency: 20 }],
  ])('cause no warning %s', (_, props, settings) => {
    expect(starvationTold(deploy(props, settings).stack)).toStrictEqual([]);
  });
});
