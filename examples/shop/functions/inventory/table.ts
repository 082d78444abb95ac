import type { TableSchema } from 'waybill';

/** The reservations: one item per order. */
export const INVENTORY_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const INVENTORY_TABLE_NAME = 'INVENTORY_TABLE_NAME';

/** What is on hand: one item per SKU. */
export const STOCK_TABLE = { partitionKey: { name: 'sku', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const STOCK_TABLE_NAME = 'STOCK_TABLE_NAME';

/** Goods that came in: one item per receipt. */
export const RECEIPTS_TABLE = { partitionKey: { name: 'receiptId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const RECEIPTS_TABLE_NAME = 'RECEIPTS_TABLE_NAME';
