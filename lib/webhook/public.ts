/** Webhooks: what is declared of them, the schemes by which senders sign, and what receives them. */

export type { Verdict } from '../shared/kept-secrets.ts';
export type { SecretReader } from '../shared/secret-reader.ts';
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_TOLERANCE_SECONDS,
  type DeliveryMeta,
  defineWebhook,
  on,
  type Publication,
  type PublicationOf,
  publish,
  type WebhookDefinition,
  type WebhookEvent,
  type WebhookProps,
} from './define-webhook.ts';
export { DuplicateDeliveryError, UndeclaredEventError, WebhookSecretError } from './errors.ts';
export { type HmacOptions, hmac, type Place, UNTYPED } from './hmac-scheme.ts';
export { github, shopify, slack } from './provider-schemes.ts';
export { createWebhookReceiver, type WebhookReceiver, type WebhookReceiverOptions } from './receiver.ts';
export { REFUSALS, type RefusalReason, Refused, type UnavailableReason } from './refusal.ts';
export type { WebhookRequest } from './request.ts';
export type { Claim, MacAlgorithm, Signature, WebhookBody, WebhookScheme } from './scheme.ts';
export { standardWebhooks } from './standard-webhooks.ts';
export { stripe } from './stripe.ts';
export { DELIVERY_RETENTION_DAYS, WEBHOOK_DELIVERIES_TABLE } from './table.ts';
export { type TwilioOptions, twilio } from './twilio.ts';
export {
  createWebhookSecrets,
  type WebhookSecrets,
  type WebhookSecretsOptions,
} from './webhook-secrets.ts';
