import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { EventHub } from '../../infra/constructs/event-hub.ts';
import { HttpEdge } from '../../infra/constructs/http-edge.ts';
import { tableFrom } from '../../infra/constructs/table-from.ts';
import { WaybillFunction } from '../../infra/constructs/waybill-function.ts';
import { selectEnvironment } from '../../infra/environments.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { ORDERS_TABLE, OrderPlaced, ordersApi } from '../../test/lib/http/orders-app.ts';

/** The orders API of the tests with its table and its hub, and beside it a function that only answers. */
export function synthesizeEdgeApp(outdir: string): void {
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const stack = new Stack(app, 'Orders');
  const { settings } = selectEnvironment({ env: 'dev', 'setting:logLevel': 'INFO', 'setting:tenancy': 'required' });
  const hub = new EventHub(stack, 'Hub', { settings });
  const orders = tableFrom(stack, 'Table', ORDERS_TABLE, settings);
  const edge = new HttpEdge(stack, 'Api', {
    hub,
    api: ordersApi,
    entry: 'test/e2e/orders-api/function/index.ts',
    publishes: [OrderPlaced],
    issuer: 'https://auth.example.com',
    audience: ['shop'],
  });
  edge.function.useTable(orders, 'ORDERS_TABLE_NAME', ['GetItem', 'PutItem']);
  const bare = new WaybillFunction(stack, 'Bare', { settings, entry: 'bench/edge/bare/index.ts', serviceName: 'bare' });
  new CfnOutput(stack, 'BareFunctionName', { value: bare.functionName });
  app.synth();
}
