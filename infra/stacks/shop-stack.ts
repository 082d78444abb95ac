import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { InventoryReserved } from '../../functions/shop/inventory/events.ts';
import { inventory } from '../../functions/shop/inventory/subscription.ts';
import { INVENTORY_TABLE, INVENTORY_TABLE_NAME } from '../../functions/shop/inventory/table.ts';
import { OrderPlaced } from '../../functions/shop/orders/events.ts';
import { orders } from '../../functions/shop/orders/subscription.ts';
import { ORDERS_TABLE, ORDERS_TABLE_NAME } from '../../functions/shop/orders/table.ts';
import { PaymentCaptured } from '../../functions/shop/payments/events.ts';
import { payments } from '../../functions/shop/payments/subscription.ts';
import { PAYMENTS_TABLE, PAYMENTS_TABLE_NAME } from '../../functions/shop/payments/table.ts';
import { ShipmentCreated } from '../../functions/shop/shipping/events.ts';
import { shipping } from '../../functions/shop/shipping/subscription.ts';
import { SHIPPING_TABLE, SHIPPING_TABLE_NAME } from '../../functions/shop/shipping/table.ts';
import type { EventDefinition, Subscription, TableSchema } from '../../lib/contracts/index.ts';
import { EventConsumer } from '../constructs/event-consumer.ts';
import type { EventHub } from '../constructs/event-hub.ts';
import { tableFrom } from '../constructs/table-from.ts';
import { type ItemAction, WaybillFunction } from '../constructs/waybill-function.ts';

export interface ShopStackProps {
  readonly hub: EventHub;
}

interface Service {
  readonly id: string;
  readonly subscription: Subscription;
  readonly table: TableSchema;
  /** Environment variable with the table's name. */
  readonly tableName: string;
  /** What its handlers do with its table's items. */
  readonly actions: readonly ItemAction[];
  /** What its handlers publish. */
  readonly publishes: readonly EventDefinition[];
}

const ORDERS: Service = {
  id: 'Orders',
  subscription: orders,
  table: ORDERS_TABLE,
  tableName: ORDERS_TABLE_NAME,
  actions: ['GetItem', 'UpdateItem'],
  publishes: [],
};
const PAYMENTS: Service = {
  id: 'Payments',
  subscription: payments,
  table: PAYMENTS_TABLE,
  tableName: PAYMENTS_TABLE_NAME,
  actions: ['GetItem', 'PutItem'],
  publishes: [PaymentCaptured],
};
const INVENTORY: Service = {
  id: 'Inventory',
  subscription: inventory,
  table: INVENTORY_TABLE,
  tableName: INVENTORY_TABLE_NAME,
  actions: ['GetItem', 'PutItem', 'UpdateItem'],
  publishes: [InventoryReserved],
};
const SHIPPING: Service = {
  id: 'Shipping',
  subscription: shipping,
  table: SHIPPING_TABLE,
  tableName: SHIPPING_TABLE_NAME,
  actions: ['GetItem', 'PutItem'],
  publishes: [ShipmentCreated],
};

/** One transaction per event: what takes longer is stuck, and is better tried again soon. */
const TIMEOUT = Duration.seconds(10);

/** The reference shop: four services that talk through events only, each with its own table. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, { hub }: ShopStackProps) {
    super(scope, id, {
      description: 'Waybill: the reference shop',
      terminationProtection: hub.settings.deletionProtection,
    });
    const ordersTable = this.addService(hub, ORDERS);
    this.addService(hub, PAYMENTS);
    this.addService(hub, INVENTORY);
    this.addService(hub, SHIPPING);
    this.addPlaceOrder(hub, ordersTable);
  }

  private addService(hub: EventHub, service: Service): Table {
    const { id, subscription } = service;
    const table = tableFrom(this, `${id}Table`, service.table, hub.settings);
    const consumer = new EventConsumer(this, id, {
      hub,
      subscription,
      entry: `functions/shop/${subscription.name}/index.ts`,
      timeout: TIMEOUT,
      publishes: service.publishes,
    });
    consumer.function.useTable(table, service.tableName, service.actions);
    new CfnOutput(this, `${id}TableName`, { value: table.tableName });
    return table;
  }

  private addPlaceOrder(hub: EventHub, ordersTable: Table): void {
    const placeOrder = new WaybillFunction(this, 'PlaceOrder', {
      entry: 'functions/shop/place-order/index.ts',
      serviceName: 'place-order',
      settings: hub.settings,
      timeout: TIMEOUT,
      description: 'Waybill shop: the way in; writes an order and its first event',
    });
    placeOrder.useTable(ordersTable, ORDERS_TABLE_NAME, ['PutItem']);
    hub.grantPublish(placeOrder, [OrderPlaced]);
    new CfnOutput(this, 'PlaceOrderFunctionName', { value: placeOrder.functionName });
  }
}
