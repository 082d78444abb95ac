import type { TableSchema } from 'waybill';

/** One item per order. */
export const PAYMENTS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const PAYMENTS_TABLE_NAME = 'PAYMENTS_TABLE_NAME';

/** What was done with the money of an order, one item for each act. Never changed, and kept as long as books are. */
export const PAYMENT_AUDIT_TABLE = {
  partitionKey: { name: 'orderId', type: 'S' },
  sortKey: { name: 'entry', type: 'S' },
} as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const PAYMENT_AUDIT_TABLE_NAME = 'PAYMENT_AUDIT_TABLE_NAME';
