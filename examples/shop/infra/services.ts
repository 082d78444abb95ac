import type { EventDefinition, Subscription } from 'waybill';
import { InventoryInsufficient, InventoryReleased, InventoryReserved } from '../functions/inventory/events.ts';
import { orchestratedInventory } from '../functions/inventory/orchestrated-subscription.ts';
import { inventory } from '../functions/inventory/subscription.ts';
import { INVENTORY_TABLE_NAME, STOCK_TABLE_NAME } from '../functions/inventory/table.ts';
import { OrderCancelled } from '../functions/orders/events.ts';
import { orchestratedOrders } from '../functions/orders/orchestrated-subscription.ts';
import { orders } from '../functions/orders/subscription.ts';
import {
  CUSTOMER_ADDRESSES_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE_NAME,
  ORDER_OPERATIONS_TABLE_NAME,
  ORDERS_TABLE_NAME,
} from '../functions/orders/table.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded } from '../functions/payments/events.ts';
import { orchestratedPayments } from '../functions/payments/orchestrated-subscription.ts';
import { payments } from '../functions/payments/subscription.ts';
import { PAYMENT_AUDIT_TABLE_NAME, PAYMENTS_TABLE_NAME } from '../functions/payments/table.ts';
import {
  ShipmentCancelled,
  ShipmentCreated,
  ShipmentDelivered,
  ShipmentTracked,
} from '../functions/shipping/events.ts';
import { orchestratedShipping } from '../functions/shipping/orchestrated-subscription.ts';
import { shipping } from '../functions/shipping/subscription.ts';
import { SHIPPING_TABLE_NAME } from '../functions/shipping/table.ts';
import { CARRIER, COURIER, type ExternalSystem, FRAUD_CHECK, PAYMENT_GATEWAY } from './external-systems.ts';
import type { ShopSettings } from './shop-settings.ts';
import type { TableUse } from './tables.ts';

/** A consumer of the shop. */
export interface Service {
  readonly id: string;
  /** What it takes, by the way in which orders are fulfilled. */
  readonly subscriptions: Readonly<Record<ShopSettings['fulfilment'], Subscription>>;
  /** What its handlers publish. */
  readonly publishes: readonly EventDefinition[];
  /** What its handlers do with tables. Others' only as these offer them, to read. */
  readonly uses: readonly TableUse[];
  /** What its handlers call. @default - nothing outside */
  readonly calls?: readonly ExternalSystem[];
}

export const SERVICES: readonly Service[] = [
  {
    id: 'Orders',
    subscriptions: { choreographed: orders, orchestrated: orchestratedOrders },
    publishes: [OrderCancelled],
    uses: [
      { table: 'Orders', variable: ORDERS_TABLE_NAME, actions: ['GetItem', 'UpdateItem'] },
      { table: 'Operations', variable: ORDER_OPERATIONS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'DeliveryAddresses', variable: DELIVERY_ADDRESSES_TABLE_NAME, actions: ['DeleteItem'] },
      {
        table: 'CustomerAddresses',
        variable: CUSTOMER_ADDRESSES_TABLE_NAME,
        actions: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      },
    ],
  },
  {
    id: 'Payments',
    subscriptions: { choreographed: payments, orchestrated: orchestratedPayments },
    publishes: [PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded],
    uses: [
      { table: 'Payments', variable: PAYMENTS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'PaymentAudit', variable: PAYMENT_AUDIT_TABLE_NAME, actions: ['PutItem'] },
    ],
    calls: [FRAUD_CHECK, PAYMENT_GATEWAY],
  },
  {
    id: 'Inventory',
    subscriptions: { choreographed: inventory, orchestrated: orchestratedInventory },
    publishes: [InventoryReserved, InventoryInsufficient, InventoryReleased],
    uses: [
      { table: 'Inventory', variable: INVENTORY_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'Stock', variable: STOCK_TABLE_NAME, actions: ['GetItem', 'UpdateItem'] },
    ],
  },
  {
    id: 'Shipping',
    subscriptions: { choreographed: shipping, orchestrated: orchestratedShipping },
    publishes: [ShipmentCreated, ShipmentCancelled, ShipmentTracked, ShipmentDelivered],
    uses: [
      { table: 'Shipping', variable: SHIPPING_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      // what orders offers: where each order goes
      { table: 'DeliveryAddresses', variable: DELIVERY_ADDRESSES_TABLE_NAME, actions: ['GetItem'] },
    ],
    calls: [CARRIER, COURIER],
  },
];
