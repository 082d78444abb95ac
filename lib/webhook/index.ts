export type { WebhookDefinition } from './define-webhook.ts';
export { createWebhookReceiver, type WebhookReceiver } from './receiver.ts';
export { WEBHOOK_DELIVERIES_TABLE, WEBHOOK_DELIVERIES_TABLE_NAME, WEBHOOK_SECRET } from './table.ts';
export { createWebhookSecrets } from './webhook-secrets.ts';
