import type { TableSchema } from 'waybill';

/** One item per order. */
export const PAYMENTS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const PAYMENTS_TABLE_NAME = 'PAYMENTS_TABLE_NAME';
