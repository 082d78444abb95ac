import type { Construct } from 'constructs';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { callsTo } from './external-systems.ts';
import type { Follower } from './followers.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, useTables } from './tables.ts';

export function addFollower(
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
  }: Follower,
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
