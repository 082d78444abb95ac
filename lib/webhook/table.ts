import type { TableSchema } from '../definitions/index.ts';

/** Environment variable with the name of a webhook's table of deliveries. */
export const WEBHOOK_DELIVERIES_TABLE_NAME = 'WAYBILL_WEBHOOK_DELIVERIES_TABLE_NAME';

/** Environment variable with the secret's name or ARN; with tenants, the part of the name before the tenant. */
export const WEBHOOK_SECRET = 'WAYBILL_WEBHOOK_SECRET';

/** How long a delivery is recorded: longer than senders try again. */
export const DELIVERY_RETENTION_DAYS = 7;

/** What a webhook has received: an item per delivery id and, where ids are not signed, one per digest. */
export const WEBHOOK_DELIVERIES_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;
