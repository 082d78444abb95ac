import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { WebhookEndpoint } from '../../../infra/constructs/webhook-endpoint.ts';
import { selectEnvironment } from '../../../infra/environments.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { HubStack } from '../../../infra/stacks/hub-stack.ts';
import { moves } from './moves/subscription.ts';
import { statusApi } from './status-api.ts';
import { carrier, flooded } from './webhooks.ts';

/** A carrier's webhook of many tenants, and a consumer of its events. */
export function synthesizeWebhookApp(outdir: string): void {
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const { settings } = selectEnvironment({ env: 'dev', 'setting:tenancy': 'required' });
  const { hub } = new HubStack(app, 'CarrierHub', { settings });
  const stack = new Stack(app, 'Carrier');
  const secretNamePrefix = 'carrier/';

  new WebhookEndpoint(stack, 'Carrier', {
    hub,
    webhook: carrier,
    entry: 'test/e2e/webhook/carrier/index.ts',
    secretNamePrefix,
    throttle: { rateLimit: 1_000, burstLimit: 1_000 },
  });
  const edge = new HttpEdge(stack, 'Edge', { hub, api: statusApi, entry: 'test/e2e/webhook/edge/index.ts' });
  new WebhookEndpoint(stack, 'Flooded', {
    hub,
    webhook: flooded,
    entry: 'test/e2e/webhook/flooded/index.ts',
    api: edge.api,
    secretNamePrefix,
    throttle: { rateLimit: 1, burstLimit: 1 },
  });
  const table = tableFrom(stack, 'Moves', { partitionKey: { name: 'id', type: 'S' } }, settings);
  const { function: handler } = new EventConsumer(stack, 'MovesConsumer', {
    hub,
    subscription: moves,
    entry: 'test/e2e/webhook/moves/index.ts',
    timeout: Duration.seconds(10),
  });
  handler.useTable(table, 'MOVES_TABLE_NAME', ['UpdateItem']);
  new CfnOutput(stack, 'MovesTableName', { value: table.tableName });
  app.synth();
}
