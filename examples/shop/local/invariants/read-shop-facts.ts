import { customerItemSchema } from '../../functions/customers/customer.ts';
import { CUSTOMERS_TABLE } from '../../functions/customers/table.ts';
import { reservationSchema } from '../../functions/inventory/reservation.ts';
import { stockItemSchema } from '../../functions/inventory/stock.ts';
import { INVENTORY_TABLE, STOCK_TABLE } from '../../functions/inventory/table.ts';
import { orderSchema } from '../../functions/orders/order.ts';
import { ORDERS_TABLE } from '../../functions/orders/table.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENTS_TABLE } from '../../functions/payments/table.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import type { ReadOwned } from './owned-items.ts';
import type { ShopFacts } from './shop-facts.ts';

/** Reads the services' tables, each as its own service does. */
export async function readShopFacts(read: ReadOwned, shop: Shop, tenantIds: TenantIds): Promise<ShopFacts> {
  const [orders, payments, reservations, stock, shipments, customers] = await Promise.all([
    read({ tableName: shop.ordersTableName, schema: ORDERS_TABLE, parse: (item) => orderSchema.parse(item) }),
    read({ tableName: shop.paymentsTableName, schema: PAYMENTS_TABLE, parse: (item) => paymentSchema.parse(item) }),
    read({
      tableName: shop.inventoryTableName,
      schema: INVENTORY_TABLE,
      parse: (item) => reservationSchema.parse(item),
    }),
    read({ tableName: shop.stockTableName, schema: STOCK_TABLE, parse: (item) => stockItemSchema.parse(item) }),
    read({ tableName: shop.shippingTableName, schema: SHIPPING_TABLE, parse: (item) => shipmentSchema.parse(item) }),
    read({
      tableName: shop.customersTableName,
      schema: CUSTOMERS_TABLE,
      parse: (item) => customerItemSchema.parse(item),
    }),
  ]);
  return { tenantIds, orders, payments, reservations, stock, shipments, customers };
}
