import * as z from 'zod';
import { defineEvent } from '../../../lib/contracts/index.ts';
import { orderGroup } from '../order-group.ts';
import { orderLineSchema } from '../orders/events.ts';

export const InventoryReserved = defineEvent({
  type: 'com.example.inventory.reserved',
  source: '/inventory',
  version: 1,
  schema: z.object({ orderId: z.string(), lines: z.array(orderLineSchema) }),
  group: orderGroup,
  subject: (data) => data.orderId,
});
