import type { Subscription } from 'waybill';
import { createConsumer, type SubscriptionHandlers } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { type Grant, type LoyaltyDeps, loyalOrderSchema } from './handler.ts';
import { LOYALTY_TABLE, LOYALTY_TABLE_NAME } from './table.ts';

/** What all revisions of the function have in common. */
export function serveLoyalty(
  subscription: Subscription,
  createHandlers: (deps: LoyaltyDeps) => SubscriptionHandlers,
  grant: Grant,
) {
  const { [LOYALTY_TABLE_NAME]: tableName } = requireEnv(process.env, LOYALTY_TABLE_NAME);
  const runtime = createConsumerRuntime(subscription, process.env);
  const orders = runtime.table(LOYALTY_TABLE, tableName, loyalOrderSchema);
  return createConsumer(createHandlers({ orders, grant }), runtime);
}
