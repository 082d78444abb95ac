import { reservationSchema } from '../../functions/shop/inventory/reservation.ts';
import { stockItemSchema } from '../../functions/shop/inventory/stock.ts';
import { INVENTORY_TABLE, STOCK_TABLE } from '../../functions/shop/inventory/table.ts';
import { orderSchema } from '../../functions/shop/orders/order.ts';
import { ORDERS_TABLE } from '../../functions/shop/orders/table.ts';
import { paymentSchema } from '../../functions/shop/payments/payment.ts';
import { PAYMENTS_TABLE } from '../../functions/shop/payments/table.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import type { ReadOwned } from './owned-items.ts';
import type { ShopFacts } from './shop-facts.ts';

/** Reads the services' tables, each as its own service does. */
export async function readShopFacts(read: ReadOwned, shop: Shop, tenantIds: TenantIds): Promise<ShopFacts> {
  const { ordersTableName, paymentsTableName, inventoryTableName, stockTableName } = shop;
  const [orders, payments, reservations, stock] = await Promise.all([
    read({ tableName: ordersTableName, schema: ORDERS_TABLE, parse: (item) => orderSchema.parse(item) }),
    read({ tableName: paymentsTableName, schema: PAYMENTS_TABLE, parse: (item) => paymentSchema.parse(item) }),
    read({ tableName: inventoryTableName, schema: INVENTORY_TABLE, parse: (item) => reservationSchema.parse(item) }),
    read({ tableName: stockTableName, schema: STOCK_TABLE, parse: (item) => stockItemSchema.parse(item) }),
  ]);
  return { tenantIds, orders, payments, reservations, stock };
}
