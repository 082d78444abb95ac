import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { defineSettings } from '../../../infra/environments.ts';
import { TENANTS_TABLE } from '../../../lib/definitions/index.ts';
import { ORDERS_TABLE, OrderPlaced, ordersApi } from '../../lib/http/orders-app.ts';
import { BOOKS_TABLE, books } from './books/subscription.ts';

/** The orders API of several tenants, a consumer that books the orders, and the directory that both ask. */
export function synthesizeTenantsApp(outdir: string, issuer: string): void {
  const app = new App({ outdir, context: { 'aws:cdk:enable-path-metadata': true } });
  const stack = new Stack(app, 'Orders');
  const settings = defineSettings('dev', { metricNamespace: 'Waybill/tenants', tenancy: 'required' });
  const hub = new EventHub(stack, 'Hub', { settings });
  const orders = tableFrom(stack, 'Table', ORDERS_TABLE, settings);
  const booked = tableFrom(stack, 'Booked', BOOKS_TABLE, settings);
  const tenants = tableFrom(stack, 'Tenants', TENANTS_TABLE, settings);
  const edge = new HttpEdge(stack, 'Api', {
    hub,
    api: ordersApi,
    entry: 'test/e2e/tenants/edge/index.ts',
    publishes: [OrderPlaced],
    issuer,
    audience: ['shop'],
  });
  edge.function.useTable(orders, 'ORDERS_TABLE_NAME', ['PutItem']);
  edge.function.useTable(tenants, 'TENANTS_TABLE_NAME', ['GetItem']);
  const consumer = new EventConsumer(stack, 'Books', {
    hub,
    subscription: books,
    entry: 'test/e2e/tenants/books/index.ts',
    timeout: Duration.seconds(10),
    maxReceiveCount: 3,
  });
  consumer.function.useTable(booked, 'BOOKS_TABLE_NAME', ['PutItem']);
  consumer.function.useTable(tenants, 'TENANTS_TABLE_NAME', ['GetItem']);
  new CfnOutput(stack, 'BooksTableName', { value: booked.tableName });
  new CfnOutput(stack, 'TenantsTableName', { value: tenants.tableName });
  app.synth();
}
