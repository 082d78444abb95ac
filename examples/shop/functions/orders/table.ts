import type { TableSchema } from 'waybill';

/** One item per order. */
export const ORDERS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const ORDERS_TABLE_NAME = 'ORDERS_TABLE_NAME';
