import type { TableSchema } from 'waybill';

/** One item per product, all of a tenant in one partition: a price list is one query. */
export const PRODUCTS_TABLE = {
  partitionKey: { name: 'catalog', type: 'S' },
  sortKey: { name: 'sku', type: 'S' },
} as const satisfies TableSchema;

/** One item per tenant: its cached price list. */
export const PRICE_LISTS_TABLE = { partitionKey: { name: 'list', type: 'S' } } as const satisfies TableSchema;

/** Environment variables with the tables' names. */
export const PRODUCTS_TABLE_NAME = 'PRODUCTS_TABLE_NAME';
export const PRICE_LISTS_TABLE_NAME = 'PRICE_LISTS_TABLE_NAME';
