import { defineEvent } from 'waybill';
import * as z from 'zod';

export const ProductChanged = defineEvent({
  type: 'com.example.product.changed',
  source: '/products',
  version: 1,
  schema: z.object({ sku: z.string(), kind: z.enum(['created', 'updated', 'deleted']), price: z.number() }),
  group: ({ sku }) => `product#${sku}`,
});
