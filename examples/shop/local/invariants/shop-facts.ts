import type { CustomerItem } from '../../functions/customers/customer.ts';
import type { Reservation } from '../../functions/inventory/reservation.ts';
import type { StockItem } from '../../functions/inventory/stock.ts';
import type { Order } from '../../functions/orders/order.ts';
import type { Payment } from '../../functions/payments/payment.ts';
import type { Shipment } from '../../functions/shipping/shipment.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import type { Owned } from './owned-items.ts';

/** What the services' own tables hold, now that nothing moves. */
export interface ShopFacts {
  readonly tenantIds: TenantIds;
  readonly orders: readonly Owned<Order>[];
  readonly payments: readonly Owned<Payment>[];
  readonly stock: readonly Owned<StockItem>[];
  readonly reservations: readonly Owned<Reservation>[];
  readonly shipments: readonly Owned<Shipment>[];
  readonly customers: readonly Owned<CustomerItem>[];
}

export interface ByTenant<Item> {
  of(tenantId: string | undefined): readonly Item[];
}

export function byTenant<Item>(owned: readonly Owned<Item>[]): ByTenant<Item> {
  const groups = Map.groupBy(owned, ({ tenantId }) => tenantId);
  return { of: (tenantId) => (groups.get(tenantId) ?? []).map(({ item }) => item) };
}

export const sum = (amounts: Iterable<number>): number => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
};
