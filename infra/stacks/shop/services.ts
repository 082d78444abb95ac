import { InventoryReserved } from '../../../functions/shop/inventory/events.ts';
import { inventory } from '../../../functions/shop/inventory/subscription.ts';
import { INVENTORY_TABLE, INVENTORY_TABLE_NAME } from '../../../functions/shop/inventory/table.ts';
import { orders } from '../../../functions/shop/orders/subscription.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from '../../../functions/shop/orders/table.ts';
import { PaymentCaptured } from '../../../functions/shop/payments/events.ts';
import { payments } from '../../../functions/shop/payments/subscription.ts';
import { PAYMENTS_TABLE, PAYMENTS_TABLE_NAME } from '../../../functions/shop/payments/table.ts';
import { ShipmentCreated } from '../../../functions/shop/shipping/events.ts';
import { shipping } from '../../../functions/shop/shipping/subscription.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from '../../../functions/shop/shipping/table.ts';
import type { EventDefinition, Subscription, TableSchema } from '../../../lib/contracts/index.ts';
import type { ItemAction } from '../../constructs/waybill-function.ts';
import { CARRIER, type ExternalSystem, PAYMENT_GATEWAY } from './external-systems.ts';

/** A consumer of the shop with the table that is its own. */
export interface Service {
  readonly id: string;
  readonly subscription: Subscription;
  readonly table: TableSchema;
  /** Environment variable with the table's name. */
  readonly tableName: string;
  /** What its handlers do with its table's items. */
  readonly actions: readonly ItemAction[];
  /** What its handlers publish. */
  readonly publishes: readonly EventDefinition[];
  /** What its handlers call. @default - nothing outside */
  readonly calls?: ExternalSystem;
}

export const ORDERS: Service = {
  id: 'Orders',
  subscription: orders,
  table: ORDERS_TABLE,
  tableName: ORDERS_TABLE_NAME,
  actions: ['GetItem', 'UpdateItem'],
  publishes: [],
};

export const PAYMENTS: Service = {
  id: 'Payments',
  subscription: payments,
  table: PAYMENTS_TABLE,
  tableName: PAYMENTS_TABLE_NAME,
  actions: ['GetItem', 'PutItem'],
  publishes: [PaymentCaptured],
  calls: PAYMENT_GATEWAY,
};

export const INVENTORY: Service = {
  id: 'Inventory',
  subscription: inventory,
  table: INVENTORY_TABLE,
  tableName: INVENTORY_TABLE_NAME,
  actions: ['GetItem', 'PutItem', 'UpdateItem'],
  publishes: [InventoryReserved],
};

export const SHIPPING: Service = {
  id: 'Shipping',
  subscription: shipping,
  table: SHIPPING_TABLE,
  tableName: SHIPPING_TABLE_NAME,
  actions: ['GetItem', 'PutItem'],
  publishes: [ShipmentCreated],
  calls: CARRIER,
};
