import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../infra/constructs/event-consumer.ts';
import { tableFrom } from '../../infra/constructs/table-from.ts';
import { selectEnvironment } from '../../infra/environments.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { HubStack } from '../../infra/stacks/hub-stack.ts';
import type { Claim, Ordering } from '../../lib/definitions/index.ts';
import { benchSubscription } from './events.ts';

export interface BenchAppProps {
  readonly ordering: Ordering;
  readonly consumers: number;
  /** When they claim an event. @default 'commit' */
  readonly claim?: Claim;
  /** Executions of each consumer at a time. @default - the environment's */
  readonly maxConcurrency?: number;
}

export const STACK_NAME = 'Bench';

const consumerName = (index: number): string => `consumer-${index + 1}`;

/** A hub and consumers that each write one item per event, as a user would build them. */
export function synthesizeBenchApp(
  outdir: string,
  { ordering, consumers, claim, maxConcurrency }: BenchAppProps,
): void {
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  // logs as in production: in the other environments they are more
  const { settings } = selectEnvironment({ env: 'dev', 'setting:logLevel': 'INFO' });
  const { hub } = new HubStack(app, 'BenchHub', { settings });
  const stack = new Stack(app, STACK_NAME);
  const table = tableFrom(stack, 'Table', { partitionKey: { name: 'id', type: 'S' } }, settings);
  for (const name of Array.from({ length: consumers }, (_, index) => consumerName(index))) {
    const subscription = { ...benchSubscription(name, ordering), claim };
    // the bench publishes itself
    hub.registerProducer(stack, subscription.events);
    const consumer = new EventConsumer(stack, name, {
      hub,
      subscription,
      entry: 'bench/app/consumer/index.ts',
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
      environment: { BENCH_CONSUMER: name, BENCH_ORDERING: ordering },
    });
    consumer.function.useTable(table, 'BENCH_TABLE_NAME', ['PutItem']);
  }
  new CfnOutput(stack, 'TableName', { value: table.tableName });
  app.synth();
}
