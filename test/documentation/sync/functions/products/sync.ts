import { defineSync, detect } from 'waybill';
import * as z from 'zod';

/** A row of the feed. Other members of it are ignored. */
export const rowSchema = z.object({ SKU: z.string(), TITLE: z.string(), NET: z.number(), MODIFIED: z.string() });

export const productSync = defineSync({
  name: 'products',
  entity: 'product',
  schema: z.object({ sku: z.string(), name: z.string(), price: z.number() }),
  match: ({ sku }) => sku,
  providers: {
    supplier: detect({
      schema: rowSchema,
      id: 'SKU',
      cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
      deletes: { kind: 'reconcile', everyHours: 24 },
      everyMinutes: 1,
      mapping: { sku: 'SKU', name: 'TITLE', price: (row) => Math.round(row.NET * 100) },
    }),
  },
});
