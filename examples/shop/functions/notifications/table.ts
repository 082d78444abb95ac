import type { TableSchema } from 'waybill';

/** One item per order: whom to write to. */
export const NOTIFICATIONS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const NOTIFICATIONS_TABLE_NAME = 'NOTIFICATIONS_TABLE_NAME';

/** One item per customer who has said which mail they want. */
export const MAIL_PREFERENCES_TABLE = {
  partitionKey: { name: 'customerId', type: 'S' },
} as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const MAIL_PREFERENCES_TABLE_NAME = 'MAIL_PREFERENCES_TABLE_NAME';
