import type { TableSchema } from 'waybill';

/** One item per order: whom to write to. */
export const NOTIFICATIONS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const NOTIFICATIONS_TABLE_NAME = 'NOTIFICATIONS_TABLE_NAME';
