import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

/** The only catalog of a tenant. */
export const CATALOG = 'products';

/** A product as its table holds it. */
export const productSchema = z.object({
  catalog: z.literal(CATALOG),
  sku: z.string(),
  name: z.string(),
  price: z.nullable(moneySchema),
  /** Counts the changes, from 1. */
  version: z.int(),
});

export type Product = z.infer<typeof productSchema>;

export const productKey = (sku: string) => ({ catalog: CATALOG, sku }) as const;
