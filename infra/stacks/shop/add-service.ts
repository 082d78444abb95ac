import { CfnOutput } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { EventConsumer } from '../../constructs/event-consumer.ts';
import { tableFrom } from '../../constructs/table-from.ts';
import { environmentFor } from './external-systems.ts';
import type { Service } from './services.ts';
import { SHOP_TIMEOUT, type ShopProps } from './shop-props.ts';

/** A service: its table, and the consumer that alone uses it. */
export function addService(scope: Construct, { hub, settings }: ShopProps, service: Service): Table {
  const { id, subscription } = service;
  const table = tableFrom(scope, `${id}Table`, service.table, hub.settings);
  const consumer = new EventConsumer(scope, id, {
    hub,
    subscription,
    entry: `functions/shop/${subscription.name}/index.ts`,
    timeout: SHOP_TIMEOUT,
    publishes: service.publishes,
    ...(service.calls === undefined ? {} : { environment: environmentFor(scope, settings, service.calls) }),
  });
  consumer.function.useTable(table, service.tableName, service.actions);
  new CfnOutput(scope, `${id}TableName`, { value: table.tableName });
  return table;
}
