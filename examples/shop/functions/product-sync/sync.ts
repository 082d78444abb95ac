import { defineSync, detect } from 'waybill';
import { ProductChanged } from '../catalog/events.ts';
import { readDecimalAmount } from '../decimal-amount.ts';
import * as z from '../zod.ts';

/** Supplier A's row: pounds as a number, times to the second in its own zone. */
const rowOfA = z.object({
  SKU: z.string(),
  TITLE: z.string(),
  NET: z.nullable(z.number()),
  CUR: z.string(),
  MODIFIED: z.iso.datetime({ offset: true }),
});

/** Supplier B's item; it knows products by their GTIN, and the shop's SKU as an article code. */
const itemOfB = z.object({
  gtin: z.string(),
  revision: z.int(),
  articleCode: z.string(),
  title: z.string(),
  price: z.nullable(z.object({ amount: z.string(), currency: z.string() })),
});

/** @throws RangeError for an amount that is none in its currency; the item is parked */
function minorUnitsOf({ amount, currency }: { readonly amount: string; readonly currency: string }): number {
  const minorUnits = readDecimalAmount(amount, currency);
  if (minorUnits === undefined) throw new RangeError(`an amount must have the decimals of ${currency}`);
  return minorUnits;
}

/**
 * The catalog has its products from two suppliers who know some of the same ones. Supplier A sells them, so its price
 * counts; supplier B describes them better, so its name does.
 */
export const productSync = defineSync({
  name: 'products',
  entity: 'product',
  schema: ProductChanged.schema,
  match: ({ sku }) => sku,
  ownership: { price: ['supplier-a', 'supplier-b'], name: ['supplier-b', 'supplier-a'] },
  providers: {
    'supplier-a': detect({
      schema: rowOfA,
      id: 'SKU',
      cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
      deletes: { kind: 'reconcile', everyHours: 24 },
      everyMinutes: 15,
      mapping: {
        sku: 'SKU',
        name: 'TITLE',
        price: ({ NET, CUR }) => (NET === null ? null : { currency: CUR, minorUnits: Math.round(NET * 100) }),
      },
    }),
    'supplier-b': detect({
      schema: itemOfB,
      id: 'gtin',
      cursor: { kind: 'opaque' },
      version: 'revision',
      deletes: { kind: 'reported' },
      everyMinutes: 5,
      mapping: {
        sku: 'articleCode',
        name: 'title',
        price: ({ price }) => (price === null ? null : { currency: price.currency, minorUnits: minorUnitsOf(price) }),
      },
    }),
  },
});
