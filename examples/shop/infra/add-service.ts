import type { Construct } from 'constructs';
import { EventConsumer } from 'waybill/cdk';
import { callsTo } from './external-systems.ts';
import type { Service } from './services.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, useTables } from './tables.ts';

/** File of a service's folder that serves its subscription. */
const ENTRY = { choreographed: 'index.ts', orchestrated: 'orchestrated.ts' } as const;

export function addService(
  scope: Construct,
  { hub, settings }: ShopProps,
  tables: ShopTables,
  { id, subscriptions, publishes, uses, calls }: Service,
): void {
  const subscription = subscriptions[settings.fulfilment];
  const consumer = new EventConsumer(scope, id, {
    hub,
    subscription,
    entry: `examples/shop/functions/${subscription.name}/${ENTRY[settings.fulfilment]}`,
    ...SHOP_FUNCTION,
    publishes,
    ...callsTo(scope, settings, calls),
  });
  useTables(consumer.function, tables, uses);
}
