import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { defineSettings } from '../../../infra/environments.ts';
import { audit } from '../bank/audit/subscription.ts';
import { BalanceChanged, Deposited } from '../bank/events.ts';

/** An app of a team that has had functions for long, and now a hub in its stack: no flags, no settings of this repository's. */
export function synthesizeForeignApp(outdir: string): void {
  // as the CDK CLI sets it
  const app = new App({ outdir, context: { 'aws:cdk:enable-path-metadata': true } });
  const stack = new Stack(app, 'Webshop');
  const checkout = new NodejsFunction(stack, 'Checkout', {
    entry: join(import.meta.dirname, 'checkout/index.ts'),
    runtime: Runtime.NODEJS_24_X,
  });

  const settings = defineSettings('dev', { metricNamespace: 'Waybill/webshop' });
  const hub = new EventHub(stack, 'Hub', { settings });
  hub.grantPublish(checkout, [Deposited, BalanceChanged]);
  const table = tableFrom(stack, 'Audited', { partitionKey: { name: 'id', type: 'S' } }, settings);
  const consumer = new EventConsumer(stack, 'Audit', {
    hub,
    subscription: audit,
    entry: 'test/e2e/bank/audit/index.ts',
  });
  consumer.function.useTable(table, 'BANK_TABLE_NAME', ['PutItem']);

  new CfnOutput(stack, 'CheckoutName', { value: checkout.functionName });
  new CfnOutput(stack, 'AuditedName', { value: table.tableName });
  app.synth();
}
