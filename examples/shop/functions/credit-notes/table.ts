import type { TableSchema } from 'waybill';

/** One item per payment. */
export const CREDIT_NOTES_TABLE = { partitionKey: { name: 'paymentId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const CREDIT_NOTES_TABLE_NAME = 'CREDIT_NOTES_TABLE_NAME';
