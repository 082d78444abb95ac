import { createHash } from 'node:crypto';
import { defineEvent } from 'waybill';
import { orderGroup } from '../order-group.ts';
import { orderLineSchema } from '../orders/events.ts';
import * as z from '../zod.ts';

const subject = (data: { readonly orderId: string }): string => data.orderId;

export const InventoryReserved = defineEvent({
  type: 'com.example.inventory.reserved',
  source: '/inventory',
  version: 1,
  schema: z.object({ orderId: z.string(), lines: z.array(orderLineSchema) }),
  group: orderGroup,
  subject,
});

/** Not one piece is reserved: an order is reserved whole or not at all. */
export const InventoryInsufficient = defineEvent({
  type: 'com.example.inventory.insufficient',
  source: '/inventory',
  version: 1,
  schema: z.object({
    orderId: z.string(),
    missing: z
      .array(
        z.object({ sku: z.string(), wanted: z.int().check(z.positive()), available: z.int().check(z.nonnegative()) }),
      )
      .check(z.minLength(1)),
  }),
  group: orderGroup,
  subject,
});

/** The order holds no stock, and never will. `lines`: what went back; empty where nothing had been reserved. */
export const InventoryReleased = defineEvent({
  type: 'com.example.inventory.released',
  source: '/inventory',
  version: 1,
  schema: z.object({ orderId: z.string(), lines: z.array(orderLineSchema) }),
  group: orderGroup,
  subject,
});

/** Goods came in: the stock of a product is another one. Its level is asked of the stock, which moves on meanwhile. */
export const StockReceived = defineEvent({
  type: 'com.example.stock.received',
  source: '/inventory',
  version: 1,
  schema: z.object({ receiptId: z.string(), sku: z.string(), quantity: z.int().check(z.positive()) }),
  // a receipt may name any text as its SKU
  group: ({ sku }) => `stock#${createHash('sha256').update(sku).digest('base64url')}`,
});
