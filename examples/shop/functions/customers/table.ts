import type { TableSchema } from 'waybill';

/** One item per customer, and one per order that says whose it is. */
export const CUSTOMERS_TABLE = { partitionKey: { name: 'id', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const CUSTOMERS_TABLE_NAME = 'CUSTOMERS_TABLE_NAME';
