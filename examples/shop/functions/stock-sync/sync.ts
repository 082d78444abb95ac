import { defineOutbound, defineSync, detect } from 'waybill';
import { StockReceived } from '../inventory/events.ts';
import { SUPPLIER_B } from '../product-sync/supplier-tokens.ts';
import * as z from '../zod.ts';

/** Supplier B's line of what its customer has of a product. */
const lineOfB = z.object({ gtin: z.string(), revision: z.int(), articleCode: z.string(), pieces: z.int() });

/**
 * What the shop has on hand, as supplier B lists it to plan its deliveries. The shop's own figure counts: what supplier B
 * changes is put right.
 */
export const stockSync = defineSync({
  name: 'stock',
  entity: 'stock-level',
  schema: z.object({ sku: z.string(), pieces: z.int() }),
  match: ({ sku }) => sku,
  ownership: { pieces: ['local'] },
  providers: {
    [SUPPLIER_B]: detect({
      schema: lineOfB,
      id: 'gtin',
      cursor: { kind: 'opaque' },
      version: 'revision',
      everyMinutes: 60,
      outbound: true,
      mapping: { sku: 'articleCode', pieces: 'pieces' },
    }),
  },
});

/** Tells supplier B what is on hand, with each receipt of goods. */
export const stockToSupplier = defineOutbound(stockSync, {
  provider: SUPPLIER_B,
  events: [StockReceived],
  localId: ({ data }) => data.sku,
  name: 'stock-to-supplier',
});
