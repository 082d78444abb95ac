import type { Construct } from 'constructs';
import { EventConsumer } from 'waybill/cdk';
import type { ShopConsumer } from './consumers.ts';
import { callsTo } from './external-systems.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, useTables } from './tables.ts';

export function addConsumer(
  scope: Construct,
  { hub, settings }: ShopProps,
  tables: ShopTables,
  {
    id,
    subscription,
    entry = `examples/shop/functions/${subscription.name}/index.ts`,
    publishes,
    uses,
    calls,
  }: ShopConsumer,
): void {
  const consumer = new EventConsumer(scope, id, {
    hub,
    subscription,
    entry,
    ...SHOP_FUNCTION,
    publishes,
    ...callsTo(scope, settings, calls),
  });
  useTables(consumer.function, tables, uses);
}
