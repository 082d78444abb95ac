import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { defineSettings } from '../../../infra/environments.ts';
import { ORDERS_TABLE, OrderPlaced, ordersApi } from '../../lib/http/orders-app.ts';

/** The orders API with its table and its hub. */
export function synthesizeOrdersApp(outdir: string, issuer: string): void {
  const app = new App({ outdir, context: { 'aws:cdk:enable-path-metadata': true } });
  const stack = new Stack(app, 'Orders');
  const settings = defineSettings('dev', { metricNamespace: 'Waybill/orders', tenancy: 'required' });
  const hub = new EventHub(stack, 'Hub', { settings });
  const orders = tableFrom(stack, 'Table', ORDERS_TABLE, settings);
  const edge = new HttpEdge(stack, 'Api', {
    hub,
    api: ordersApi,
    entry: 'test/e2e/orders-api/function/index.ts',
    publishes: [OrderPlaced],
    issuer,
    audience: ['shop'],
    cors: { allowOrigins: ['https://shop.example.com'] },
  });
  edge.function.useTable(orders, 'ORDERS_TABLE_NAME', ['GetItem', 'PutItem']);
  orders.grant(edge.function, 'dynamodb:Query');
  new CfnOutput(stack, 'TableName', { value: orders.tableName });
  new CfnOutput(stack, 'LogName', { value: hub.outboxTable.tableName });
  app.synth();
}
