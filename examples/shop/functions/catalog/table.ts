import type { TableSchema } from 'waybill';

/** One item per product. */
export const PRODUCTS_TABLE = {
  partitionKey: { name: 'catalog', type: 'S' },
  sortKey: { name: 'sku', type: 'S' },
} as const satisfies TableSchema;

/** One item per product: its cached price. */
export const PRICE_LISTS_TABLE = { partitionKey: { name: 'list', type: 'S' } } as const satisfies TableSchema;

/** Environment variables with the tables' names. */
export const PRODUCTS_TABLE_NAME = 'PRODUCTS_TABLE_NAME';
export const PRICE_LISTS_TABLE_NAME = 'PRICE_LISTS_TABLE_NAME';
