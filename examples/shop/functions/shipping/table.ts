import type { TableSchema } from 'waybill';

/** One item per order. */
export const SHIPPING_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const SHIPPING_TABLE_NAME = 'SHIPPING_TABLE_NAME';
