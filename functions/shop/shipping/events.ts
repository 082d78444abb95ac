import * as z from 'zod';
import { defineEvent } from '../../../lib/contracts/index.ts';
import { orderGroup } from '../order-group.ts';

export const ShipmentCreated = defineEvent({
  type: 'com.example.shipment.created',
  source: '/shipping',
  version: 1,
  schema: z.object({ orderId: z.string(), shipmentId: z.string() }),
  group: orderGroup,
  subject: (data) => data.orderId,
});
