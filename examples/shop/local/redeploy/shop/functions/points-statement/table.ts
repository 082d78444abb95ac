import type { TableSchema } from 'waybill';

/** A line for each order that was placed, and for each grant of points. */
export const STATEMENT_TABLE = {
  partitionKey: { name: 'customerId', type: 'S' },
  sortKey: { name: 'line', type: 'S' },
} as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const STATEMENT_TABLE_NAME = 'STATEMENT_TABLE_NAME';
