import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { selectEnvironment } from '../../../infra/environments.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { HubStack } from '../../../infra/stacks/hub-stack.ts';
import { accounts } from './accounts/subscription.ts';
import { audit } from './audit/subscription.ts';
import { BalanceChanged, Deposited } from './events.ts';

/** Visibility is six of them. */
const TIMEOUT = Duration.seconds(10);

/** A small bank, built as a user would build it: a producer, a consumer that misbehaves on demand, one that does not. */
export function synthesizeBank(outdir: string, context: Readonly<Record<string, string>> = {}): void {
  // path metadata is what the CDK CLI switches on by itself
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const { settings } = selectEnvironment({ env: 'dev', 'setting:maxReceiveCount': '3', ...context });
  const { hub } = new HubStack(app, 'BankHub', { settings });
  const stack = new Stack(app, 'Bank');
  const table = tableFrom(stack, 'Table', { partitionKey: { name: 'id', type: 'S' } }, settings);

  const publish = new WaybillFunction(stack, 'Publish', {
    entry: 'test/e2e/bank/publish/index.ts',
    serviceName: 'publish',
    settings,
  });
  hub.grantPublish(publish, [Deposited]);

  for (const { subscription, publishes } of [
    { subscription: accounts, publishes: [BalanceChanged] },
    { subscription: audit, publishes: [] },
  ]) {
    const consumer = new EventConsumer(stack, subscription.name, {
      hub,
      subscription,
      publishes,
      entry: `test/e2e/bank/${subscription.name}/index.ts`,
      timeout: TIMEOUT,
    });
    consumer.function.useTable(table, 'BANK_TABLE_NAME', ['GetItem', 'PutItem', 'UpdateItem']);
  }
  new CfnOutput(stack, 'TableName', { value: table.tableName });
  new CfnOutput(stack, 'PublishFunctionName', { value: publish.functionName });
  app.synth();
}
