import type { TableSchema } from 'waybill';

/** One item per order: whose it is, and what it is worth. */
export const LOYALTY_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const LOYALTY_TABLE_NAME = 'LOYALTY_TABLE_NAME';
