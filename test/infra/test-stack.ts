import { App, Stack } from 'aws-cdk-lib';
import * as z from 'zod';
import { EventConsumer, type EventConsumerProps } from '../../infra/constructs/event-consumer.ts';
import { EventHub, type EventHubProps } from '../../infra/constructs/event-hub.ts';
import { selectEnvironment } from '../../infra/environments.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import type { EnvironmentSettings } from '../../infra/settings.ts';
import { defineEvent, defineSubscription } from '../../lib/definitions/index.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';

export const OrderPlaced = defineEvent({
  type: 'com.example.order.placed',
  source: '/orders',
  version: 1,
  schema: z.unknown(),
});
export const OrderCancelled = defineEvent({
  type: 'com.example.order.cancelled',
  source: '/orders',
  version: 1,
  schema: z.unknown(),
});
export const PaymentCaptured = defineEvent({
  type: 'com.example.payment.captured',
  source: '/payments',
  version: 1,
  schema: z.unknown(),
});

export const billing = defineSubscription({
  name: 'billing',
  events: [OrderPlaced, OrderCancelled, PaymentCaptured],
});

/** An entry that exists; without bundling its content does not matter. */
export const ENTRY = 'functions/relay/index.ts';

/** Settings of dev, but for what a test changes. */
export function settingsWith(changes: Partial<EnvironmentSettings> = {}): EnvironmentSettings {
  const overrides = Object.entries(changes).map(([name, value]) => [`setting:${name}`, value]);
  return selectEnvironment({ env: 'dev', ...Object.fromEntries(overrides) }).settings;
}

/** Of all files of tests in this process, which share modules; it goes when the process ends. */
const { path: outdir } = createTemporaryFolder();

/** An app with none of the feature flags, which bundles nothing. */
export const createAppWith = (context: Readonly<Record<string, unknown>> = {}): App =>
  new App({ outdir, context: { 'aws:cdk:bundling-stacks': [], ...context } });

export const createStack = (): Stack =>
  new Stack(new App({ outdir, context: { ...featureFlags(), 'aws:cdk:bundling-stacks': [] } }), 'Test');

export function createHub(stack: Stack, props: Partial<EventHubProps> = {}): EventHub {
  return new EventHub(stack, 'Hub', { settings: settingsWith(), ...props });
}

/** A consumer of what somebody publishes. */
export function createConsumer(hub: EventHub, props: Partial<EventConsumerProps> = {}): EventConsumer {
  hub.registerProducer(Stack.of(hub), (props.subscription ?? billing).events);
  return new EventConsumer(Stack.of(hub), 'Billing', { hub, subscription: billing, entry: ENTRY, ...props });
}

/** ARN of the parameter in which operations tune settings of the hub that `createHub` makes. */
export const SETTINGS_PARAMETER = {
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':ssm:',
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      ':parameter/waybill/default/settings',
    ],
  ],
};
