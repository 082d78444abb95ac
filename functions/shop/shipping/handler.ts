import { handlersFor } from '../../../lib/consumer/index.ts';
import type { ItemReader } from '../item-reader.ts';
import { ShipmentCreated } from './events.ts';
import type { Shipment } from './shipment.ts';
import { shipping } from './subscription.ts';

export interface ShippingDeps {
  readonly tableName: string;
  readonly findShipment: ItemReader<Shipment>;
}

export const createShippingHandlers = ({ tableName, findShipment }: ShippingDeps) =>
  handlersFor(shipping, {
    'com.example.inventory.reserved': async ({ data: { orderId, lines } }, { tx, log }) => {
      if ((await findShipment(orderId)) !== undefined) return;
      const shipment: Shipment = { orderId, shipmentId: `shipment-${orderId}`, lines };
      tx.put({ TableName: tableName, Item: shipment, ConditionExpression: 'attribute_not_exists(orderId)' });
      tx.publish(ShipmentCreated, { orderId, shipmentId: shipment.shipmentId });
      log.info('shipment created', { order_id: orderId });
    },
  });
