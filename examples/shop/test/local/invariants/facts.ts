import type { CustomerItem } from '../../../functions/customers/customer.ts';
import type { Reservation } from '../../../functions/inventory/reservation.ts';
import type { StockItem } from '../../../functions/inventory/stock.ts';
import type { Order } from '../../../functions/orders/order.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import type { Shipment } from '../../../functions/shipping/shipment.ts';
import type { Owned } from '../../../local/invariants/owned-items.ts';
import type { ShopFacts } from '../../../local/invariants/shop-facts.ts';

export const pounds = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

export const order = (orderId: string, more: Partial<Order> = {}): Order => ({
  orderId,
  customerId: 'c1',
  lines: [{ sku: 'TEA', quantity: 1 }],
  total: pounds(1_000),
  status: 'shipped',
  placedAt: '2026-11-20T09:00:00.000Z',
  ...more,
});

export const captured = (orderId: string, minorUnits = 1_000): Payment => ({
  orderId,
  status: 'captured',
  paymentId: `p${orderId}`,
  amount: pounds(minorUnits),
});

export const refunded = (orderId: string, minorUnits = 1_000): Payment => ({
  orderId,
  status: 'refunded',
  paymentId: `p${orderId}`,
  refundId: `r${orderId}`,
  amount: pounds(minorUnits),
});

interface Items {
  readonly orders?: readonly Order[];
  readonly payments?: readonly Payment[];
  readonly stock?: readonly StockItem[];
  readonly reservations?: readonly Reservation[];
  readonly shipments?: readonly Shipment[];
  readonly customers?: readonly CustomerItem[];
}

const ownedBy = <Item>(tenantId: string | undefined, items: readonly Item[] = []): Owned<Item>[] =>
  items.map((item) => ({ tenantId, item }));

/** A shop without tenants that has these items. */
export const factsOf = ({ orders, payments, stock, reservations, shipments, customers }: Items): ShopFacts => ({
  tenantIds: [undefined],
  orders: ownedBy(undefined, orders),
  payments: ownedBy(undefined, payments),
  stock: ownedBy(undefined, stock),
  reservations: ownedBy(undefined, reservations),
  shipments: ownedBy(undefined, shipments),
  customers: ownedBy(undefined, customers),
});

/** Two tenants, `a` and `b`. */
export const factsOfTwo = (a: Items, b: Items): ShopFacts => ({
  tenantIds: ['a', 'b'],
  orders: [...ownedBy('a', a.orders), ...ownedBy('b', b.orders)],
  payments: [...ownedBy('a', a.payments), ...ownedBy('b', b.payments)],
  stock: [...ownedBy('a', a.stock), ...ownedBy('b', b.stock)],
  reservations: [...ownedBy('a', a.reservations), ...ownedBy('b', b.reservations)],
  shipments: [...ownedBy('a', a.shipments), ...ownedBy('b', b.shipments)],
  customers: [...ownedBy('a', a.customers), ...ownedBy('b', b.customers)],
});
