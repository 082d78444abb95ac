import type { TableSchema } from 'waybill';
import * as z from 'zod';

/** Environment variable with the name of the table of products. */
export const PRODUCTS_TABLE_NAME = 'PRODUCTS_TABLE_NAME';

export const PRODUCTS_TABLE = { partitionKey: { name: 'localId', type: 'S' } } as const satisfies TableSchema;

export const productSchema = z.object({ localId: z.string(), sku: z.string(), name: z.string(), price: z.number() });
